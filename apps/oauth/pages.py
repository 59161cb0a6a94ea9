"""/api/o/: authorize, token, revoke_token; and /api/v2/auth/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import prefixes
from apps.core.registry import page
from apps.core.views import PageView
from apps.identity.sso.pages import last_error
from apps.identity.sso.social.providers import sign_ons

from .lifetimes import lifetimes

POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


class LiveServer:
    """Views whose authorization server lives by the settings of now."""

    @classmethod
    def get_server(cls) -> Any:
        """A server with today's lifetimes."""
        seconds = lifetimes()
        oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS = seconds["REFRESH_TOKEN_EXPIRE_SECONDS"]
        options = oauth2_settings.server_kwargs | {"token_expires_in": seconds["ACCESS_TOKEN_EXPIRE_SECONDS"]}
        return oauth2_settings.OAUTH2_SERVER_CLASS(oauth2_settings.OAUTH2_VALIDATOR_CLASS(), **options)

    @classmethod
    def get_oauthlib_core(cls) -> Any:
        """A fresh core for each request: a kept one would keep the lifetimes."""
        return oauth2_settings.OAUTH2_BACKEND_CLASS(cls.get_server())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refusals as OAuth words them; text that the database cannot hold is refused at once."""
        if any(
            "\0" in value
            for fields in (request.GET, request.POST)
            for values in dict(fields).values()
            for value in values
        ):
            return refusal("invalid_request", "Text cannot hold a null character.", 400)
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except Throttled as error:
            return refusal("temporarily_unavailable", str(error.detail), error.status_code)
        except OAuth2Error as error:
            return HttpResponse(error.json, status=error.status_code, content_type="application/json")


def refusal(error: str, description: str, status: int) -> JsonResponse:
    """An OAuth error."""
    return JsonResponse({"error": error, "error_description": description}, status=status)


class Authorize(LiveServer, AuthorizationView):
    """The page on which a user lets an application act for him."""

    template_name = "oauth/authorize.html"

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """The page; its form leads to another server in the end, which the usual policy would not let it."""
        answer = super().render_to_response(context, **options)
        answer["Content-Security-Policy"] = POLICY
        return answer


@method_decorator(csrf_exempt, name="dispatch")  # clients name themselves in the request, no cookie counts
class Token(LiveServer, TokenView):
    """Codes, passwords and refresh tokens for access tokens."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """200 with a token, 400 for a wrong grant, 401 for a wrong client."""
        return self.authorization_flow_token_response(request)


@method_decorator(csrf_exempt, name="dispatch")
class Revoke(LiveServer, RevokeTokenView):
    """Ends a token; one that is not there is fine."""


class Root(PageView):
    """/api/o/: where what is."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    title = "API OAuth 2 Authorization Root"

    def get(self, request: Request) -> Response:
        """The three paths."""
        names = ("authorize", "token", "revoke_token")
        return Response({name: f"{prefixes.current().home}o/{name}/" for name in names})


@page("auth/")
class SignOn(PageView):
    """The external sign-ons that are configured, and where each begins."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    title = "Auth"

    def get(self, request: Request) -> Response:
        """{name: {login_url, complete_url}}."""
        return Response(sign_ons(request, last_error(request)))
