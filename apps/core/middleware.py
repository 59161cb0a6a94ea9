"""One scope a request, and the headers by which clients know the product."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import uuid4

from django.conf import settings

from . import context

Handler = Callable[[Any], Any]


# Pages take everything from this server, and nothing is inline.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ActorMiddleware:
    """Gives each request an actor (set after authentication) and a memory that ends with it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Serve within a scope of one's own."""
        with context.request_scope():
            return self.get_response(request)


class HeadersMiddleware:
    """Product name and time for all, version and node only for those who are known; a strict CSP on pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Answer, then name the product."""
        request.id = uuid4().hex
        began = monotonic()
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Content-Security-Policy", POLICY)
        if request.path.startswith("/api/"):
            response["X-API-Product-Name"] = "AWX"
            response["X-API-Request-Id"] = request.id
            response["X-API-Time"] = response["X-API-Total-Time"] = f"{monotonic() - began:.3f}s"
            if context.actor() is not None:
                response["X-API-Product-Version"] = settings.AWX_VERSION
                response["X-API-Node"] = settings.CLUSTER_HOST_ID
        return response
