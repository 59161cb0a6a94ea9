"""/api/login/, /api/logout/ and the authorization server at /api/o/ (and /o/, where older clients look)."""

from django.urls import path

from apps.identity.login import LoginView, LogoutView

from .pages import Authorize, Revoke, Root, Token

urlpatterns = [
    path("api/login/", LoginView.as_view(), name="login"),
    path("api/logout/", LogoutView.as_view(), name="logout"),
    path("api/o/", Root.as_view(), name="oauth-root"),
    path("api/o/authorize/", Authorize.as_view(), name="authorize"),
    path("api/o/token/", Token.as_view(), name="token"),
    path("api/o/revoke_token/", Revoke.as_view(), name="revoke-token"),
    path("o/authorize/", Authorize.as_view()),
    path("o/token/", Token.as_view()),
    path("o/revoke_token/", Revoke.as_view()),
]
