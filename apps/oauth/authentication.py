"""`Authorization: Bearer`: who the token is for, and whether its scope allows the method."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from .models import OAuth2AccessToken

CHALLENGE = "Bearer realm=api authorization_url=/api/o/authorize/"
REFUSED = "The token is unknown, revoked or expired."


class BearerAuthentication(BaseAuthentication):
    """Access tokens; one query a request."""

    def authenticate(self, request: Request) -> tuple[Any, OAuth2AccessToken] | None:
        """(user, token), or None where the header is of another kind.

        Raises AuthenticationFailed (401) for a bad token, PermissionDenied (403) where a read token would write.
        """
        kind, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = OAuth2AccessToken.find(text.strip()) if text.strip() else None
        if token is None or token.expires <= timezone.now() or token.user is None or not token.user.is_active:
            raise AuthenticationFailed(REFUSED)
        check_scope(token, str(request.method))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE


def check_scope(token: OAuth2AccessToken, method: str) -> None:
    """Reading needs any scope, writing needs `write`."""
    scopes = set(token.scope.split())
    allowed = bool(scopes & {"read", "write"}) if method in SAFE_METHODS else "write" in scopes
    if not allowed:
        raise PermissionDenied("The token's scope does not allow this.")
