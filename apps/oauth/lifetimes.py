"""How long codes and tokens live: OAUTH2_PROVIDER as it is set now."""

from __future__ import annotations

from django.conf import settings

from apps.conf import live

YEAR = 365 * 24 * 3600


def lifetimes() -> dict[str, int]:
    """Seconds by name.

    The interface's default for access tokens is a thousand years. It is shown, since clients compare it, but until
    somebody sets a value tokens live for one year (or settings.DEFAULT_TOKEN_SECONDS).
    """
    default = {
        "ACCESS_TOKEN_EXPIRE_SECONDS": int(getattr(settings, "DEFAULT_TOKEN_SECONDS", YEAR)),
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 600,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 2628000,
    }
    return default | (live.get("OAUTH2_PROVIDER") if live.is_changed("OAUTH2_PROVIDER") else {})


def access_seconds() -> int:
    """The lifetime of an access token made now."""
    return lifetimes()["ACCESS_TOKEN_EXPIRE_SECONDS"]
