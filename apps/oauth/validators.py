"""The rules of the authorization server: who may have a token, and for how long."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import timezone
from oauth2_provider.oauth2_validators import GRANT_TYPE_MAPPING, OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors

from apps.conf import live, proxies
from apps.identity.authentication import verify

from .lifetimes import lifetimes
from .models import OAuth2Application


def may_have_tokens(user: Any) -> bool:
    """Users of an external sign-on need ALLOW_OAUTH2_FOR_EXTERNAL_USERS."""
    return not user.external_source or bool(live.get("ALLOW_OAUTH2_FOR_EXTERNAL_USERS"))


class Validator(OAuth2Validator):
    """django-oauth-toolkit's rules with our passwords, client secrets and settings."""

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Compare hashes; an application without a secret has none that fits."""
        return OAuth2Application(client_secret=stored_secret).holds_secret(provided_secret)

    def validate_user(self, username: str, password: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """The password grant: the same check, cache and throttle as for HTTP Basic."""
        user = verify(username, password, address=proxies.client_address(SimpleNamespace(META=request.headers)))
        if user is None:
            return False
        self.refuse_external(user, request)
        request.user = user
        return True

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """What the application is for; the password grant can be switched off for the whole installation."""
        if grant_type == "password" and not getattr(settings, "OAUTH2_PASSWORD_GRANT", True):
            return False
        return bool(request.client.allows_grant_type(*GRANT_TYPE_MAPPING[grant_type]))

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Codes only: the implicit grant issues nothing."""
        return response_type == "code" and bool(client.allows_grant_type(client.GRANT_AUTHORIZATION_CODE))

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Public applications prove that they are the ones that asked for the code."""
        application = request.client or OAuth2Application.objects.filter(client_id=client_id).first()
        return application is None or application.client_type == OAuth2Application.CLIENT_PUBLIC

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Only for users who may still log in."""
        good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(good and request.user.is_active and may_have_tokens(request.user))

    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Any:
        """A code that lives as the settings say now."""
        self.refuse_external(request.user, request)
        seconds = lifetimes()["AUTHORIZATION_CODE_EXPIRE_SECONDS"]
        return super()._create_authorization_code(request, code, expires or timezone.now() + timedelta(seconds=seconds))

    @staticmethod
    def refuse_external(user: Any, request: Any) -> None:
        """Raise access_denied for users who may not have tokens."""
        if not may_have_tokens(user):
            raise errors.AccessDeniedError(
                description="Users of an external sign-on may not have tokens here.", request=request, status_code=403
            )
