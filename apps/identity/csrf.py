"""CSRF checks that believe the origins of CSRF_TRUSTED_ORIGINS as it is set now."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware

from apps.conf import live


def trusted() -> list[str]:
    """Origins from the environment and from the setting."""
    return [origin.rstrip("/") for origin in (*settings.CSRF_TRUSTED_ORIGINS, *live.get("CSRF_TRUSTED_ORIGINS"))]


class LiveCsrfMiddleware(CsrfViewMiddleware):
    """Django's middleware, whose lists of origins are properties instead of being read once."""

    @property
    def csrf_trusted_origins_hosts(self) -> list[str]:  # type: ignore[override]
        """Hosts for the check of the Referer."""
        return [urlsplit(origin).netloc.lstrip("*") for origin in trusted()]

    @property
    def allowed_origins_exact(self) -> set[str]:  # type: ignore[override]
        """Origins without a wildcard."""
        return {origin for origin in trusted() if "*" not in origin}

    @property
    def allowed_origin_subdomains(self) -> dict[str, list[str]]:  # type: ignore[override]
        """Origins with a wildcard, by scheme."""
        out: dict[str, list[str]] = defaultdict(list)
        for parts in (urlsplit(origin) for origin in trusted() if "*" in origin):
            out[parts.scheme].append(parts.netloc.lstrip("*"))
        return out


class ApiCheck(LiveCsrfMiddleware):
    """The check by itself, for requests that a session authenticates."""

    def _reject(self, request: Any, reason: str) -> str:
        """The reason instead of a page."""
        return reason
