"""What social-auth-core asks of its surroundings: settings of now, this request, its session, and our accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.module_loading import import_string
from social_core.backends.base import BaseAuth
from social_core.exceptions import AuthPolicyError
from social_core.strategy import BaseStrategy

from apps.conf import live
from apps.identity.sso import accounts
from apps.identity.sso.maps import Memberships
from apps.identity.sso.profiles import Profile

from .matching import matcher
from .providers import Provider
from .storage import Storage

FORBIDDEN = re.compile(r"[^\w.@+-]+")  # in usernames
MOST = 150
FOR_ALL = {"ORGANIZATION_MAP": "SOCIAL_AUTH_ORGANIZATION_MAP", "TEAM_MAP": "SOCIAL_AUTH_TEAM_MAP"}


class Strategy(BaseStrategy):
    """One sign-on of one browser."""

    def __init__(self, request: Any, provider: Provider) -> None:
        self.request, self.provider = request, provider
        self.fixed: dict[str, Any] = {"USE_PKCE": True, "SCOPE": list(provider.scope)}
        super().__init__(Storage)

    def backend(self) -> BaseAuth:
        """The protocol, ready to begin or to complete."""
        return import_string(self.provider.backend)(self, redirect_uri=f"/sso/complete/{self.provider.name}/")

    # --- settings --------------------------------------------------------------------------------------------------

    def get_setting(self, name: str) -> Any:
        """A setting of the provider; KeyError where it says nothing, so that the protocol's own default counts."""
        stem = f"SOCIAL_AUTH_{self.provider.prefix}_"
        if not name.startswith(stem):
            raise KeyError(name)
        short = name.removeprefix(stem)
        value = self.fixed.get(short) if short in self.fixed else self.provider.setting(short)
        if value is None:
            raise KeyError(name)
        return value

    # --- the request -----------------------------------------------------------------------------------------------

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002  (the base class's)
        """What was sent, in the body and in the query."""
        return self.request.GET.dict() | self.request.POST.dict()

    def request_get(self) -> dict[str, Any]:
        """The query."""
        return dict(self.request.GET.dict())

    def request_post(self) -> dict[str, Any]:
        """The body."""
        return dict(self.request.POST.dict())

    def request_host(self) -> str:
        """The host as the browser knows it, with its port."""
        return urlsplit(self.base()).netloc

    def request_is_secure(self) -> bool:
        """Whether the browser's connection is encrypted."""
        return self.base().startswith("https://")

    def request_path(self) -> str:
        """The path."""
        return str(self.request.path)

    def request_port(self) -> int:
        """The port."""
        return int(self.request.get_port())

    def base(self) -> str:
        """This server as browsers reach it: TOWER_URL_BASE, or what this one says while that has its default."""
        if live.is_changed("TOWER_URL_BASE"):
            return str(live.get("TOWER_URL_BASE")).rstrip("/")
        return f"{self.request.scheme}://{self.request.get_host()}"

    def build_absolute_uri(self, path: str | None = None) -> str:
        """An address of this server."""
        return f"{self.base()}{path or ''}" if not str(path).startswith("http") else str(path)

    # --- the session -----------------------------------------------------------------------------------------------

    def session_get(self, name: str, default: Any = None) -> Any:
        """What the session holds."""
        return self.request.session.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        """Keep something."""
        self.request.session[name] = value

    def session_pop(self, name: str) -> Any:
        """Take something out."""
        return self.request.session.pop(name, None)

    # --- answers ---------------------------------------------------------------------------------------------------

    def redirect(self, url: str) -> HttpResponse:
        """Send the browser on."""
        return HttpResponseRedirect(url)

    def html(self, content: str) -> HttpResponse:
        """A page."""
        return HttpResponse(content)

    def html_with_headers(self, content: str, headers: Mapping[str, str]) -> HttpResponse:
        """A page with headers of its own."""
        return HttpResponse(content, headers=dict(headers))

    # --- who it is -------------------------------------------------------------------------------------------------

    def authenticate(self, backend: Any, *args: Any, **kwargs: Any) -> Any:
        """The protocol has recognised somebody: find or make his account here."""
        response = kwargs["response"]
        details = backend.get_user_details(response)
        uid = str(backend.get_user_id(details, response) or "")
        if not uid or not backend.auth_allowed(response, details):
            raise AuthPolicyError(backend, code="authentication_disallowed", stage="user_info")
        return accounts.user_of(self.profile(uid, details, response))

    def profile(self, uid: str, details: Mapping[str, Any], response: Any) -> Profile:
        """What the provider says, as our columns."""
        fields = names(details)
        email_counts = bool(live.get("SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL")) and fields["email"]
        wanted = fields["email"] if email_counts else details.get("username") or fields["email"].partition("@")[0]
        username = (
            FORBIDDEN.sub("", str(wanted or ""))[:MOST] or f"{self.provider.name}-{FORBIDDEN.sub('', uid)}"[:MOST]
        )
        allowed = live.get("SOCIAL_AUTH_USER_FIELDS")
        shown = {name: value for name, value in fields.items() if not allowed or name in allowed}
        return Profile(
            self.provider.name, "social", username, uid, shown, self.flags(response),
            join=lambda user: self.join(user, response), new=allowed != [],
        )  # fmt: skip

    def flags(self, response: Any) -> dict[str, bool]:
        """Flags that the provider gives; most give none."""
        return {}

    def join(self, user: Any, response: Any) -> None:
        """Bring organizations and teams up to date."""
        memberships, matches = Memberships(), matcher(user)
        memberships.organizations(self.map("ORGANIZATION_MAP"), matches)
        memberships.teams(self.map("TEAM_MAP"), matches)
        memberships.carry_out(user)

    def map(self, name: str) -> dict[str, Any]:
        """The provider's own map, or the one for all."""
        return self.provider.setting(name) or live.get(FOR_ALL[name]) or {}


def names(details: Mapping[str, Any]) -> dict[str, str]:
    """Names and address; a full name alone is split at its last blank."""
    first, last = str(details.get("first_name") or ""), str(details.get("last_name") or "")
    if not first and not last:
        head, _, tail = str(details.get("fullname") or "").strip().rpartition(" ")
        first, last = (head, tail) if head else (tail, "")
    return {"first_name": first, "last_name": last, "email": str(details.get("email") or "")}
