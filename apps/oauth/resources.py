"""applications, tokens; and the kinds of tokens that hang below users."""

from __future__ import annotations

from typing import Any, ClassVar

from apps.core.audit import audited
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub

from .access import ApplicationAccess, TokenAccess
from .models import OAuth2AccessToken, OAuth2Application
from .serializers import (
    ApplicationDetailSerializer,
    ApplicationSerializer,
    AuthorizedTokenSerializer,
    PersonalTokenSerializer,
    TokenDetailSerializer,
    TokenSerializer,
)


@register("applications")
class Applications(Resource):
    """Programs that act for users."""

    model = OAuth2Application
    serializer_class = ApplicationDetailSerializer
    list_serializer_class = ApplicationSerializer
    access = ApplicationAccess
    named_by = (("name",), ("organization__name",))
    summary = ("id", "name")
    filterable = ("user",)
    unfilterable = ("modified",)
    secret_fields = ("client_secret",)
    sublists = (
        Sub("tokens", source="oauth2accesstokens", create=True, key="application", parent_role="view"),
        audited(),
    )

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """The secret is text."""
        return "string" if name == "client_secret" else "datetime" if name == "modified" else None


@register("tokens")
class Tokens(Resource):
    """Access tokens."""

    model = OAuth2AccessToken
    serializer_class: Any = TokenDetailSerializer
    list_serializer_class: ClassVar[Any] = TokenSerializer
    access = TokenAccess
    joins = ("application",)
    search = ("description",)
    summary = ("id", "user_id", "description", "scope")
    secret_fields = ("token", "refresh_token")
    sublists: ClassVar[tuple[Sub, ...]] = (audited(),)

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """The token is text."""
        return "string" if name == "token" else None

    def perform_destroy(self, obj: OAuth2AccessToken) -> None:
        """A revoked token takes its refresh token along."""
        obj.revoke_all()


class TokensOfUser(Tokens):
    """Tokens that are listed below a user only."""

    list_serializer_class = None
    list_methods = ()
    has_detail = False
    sublists = ()


@register("personal_tokens", primary=False)
class PersonalTokens(TokensOfUser):
    """Tokens without an application, below a user."""

    serializer_class = PersonalTokenSerializer

    @classmethod
    def optimized(cls, queryset: Any) -> Any:
        """Only those without an application."""
        return Tokens.optimized(queryset.filter(application=None))


@register("authorized_tokens", primary=False)
class AuthorizedTokens(TokensOfUser):
    """Tokens for applications, below a user."""

    serializer_class = AuthorizedTokenSerializer

    @classmethod
    def optimized(cls, queryset: Any) -> Any:
        """Only those for an application."""
        return Tokens.optimized(queryset.exclude(application=None))
