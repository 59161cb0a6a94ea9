"""GitHub's ways to sign on, against a server of our own that stands for GitHub Enterprise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.conf import services
from apps.identity.models import User
from apps.identity.sso.social.providers import PROVIDERS, Provider
from tests.loopback import Got, web

from .test_ldap import roles_of

MEMBERS = {"/api/v3/orgs/acme/members/ann", "/api/v3/teams/77/members/ann"}


class Hub:
    """Accounts, and who is a member of what."""

    def __init__(self) -> None:
        self.login, self.emails = "ann", [{"email": "ann@example.org", "primary": True, "verified": True}]

    def answer(self, got: Got) -> Any:
        """One request."""
        if got.path == "/login/oauth/access_token":
            sent = parse_qs(got.body.decode())
            good = sent.get("code") == ["code-1"] and sent.get("client_secret") == ["Hub-secret-1"]
            return 200, {"access_token": "token-1", "token_type": "bearer"} if good else {"error": "bad_code"}
        if got.headers.get("authorization") != "token token-1":
            return 401, {}
        if got.path == "/api/v3/user":
            return 200, {"id": 4711, "login": self.login, "name": "Ann van Example", "email": None}
        if got.path == "/api/v3/user/emails":
            return 200, self.emails
        return (204, b"") if got.path in MEMBERS else (404, {})


@pytest.fixture
def hub() -> Iterator[tuple[Hub, str]]:
    """The server and its address."""
    account = Hub()
    with web(account.answer) as site:
        yield account, site.url


@pytest.fixture
def sign_on(db: None, hub: tuple[Hub, str]) -> Callable[[str], tuple[Client, Any]]:
    """`sign_on(name)` configures a way and goes it to the end."""

    def go(name: str) -> tuple[Client, Any]:
        provider = PROVIDERS[name]
        values = {
            "KEY": "key-1",
            "SECRET": "Hub-secret-1",
            "URL": hub[1],
            "API_URL": f"{hub[1]}/api/v3",
            "NAME": "acme",
        }
        values |= {"ID": "77"}
        services.change({provider.key(key): values[key] for key in provider.requires})
        browser = Client()
        begun = browser.get(f"/sso/login/{name}/")
        state = parse_qs(urlsplit(begun["Location"]).query)["state"][0]
        return browser, browser.get(f"/sso/complete/{name}/?code=code-1&state={state}")

    return go


@pytest.mark.parametrize("name", ["github-enterprise", "github-enterprise-org", "github-enterprise-team"])
def test_an_account_of_the_server_signs_on(sign_on, name):
    browser, answer = sign_on(name)
    assert answer["Location"] == "/api/"
    me = browser.get("/api/v2/me/").json()["results"][0]
    assert (me["username"], me["first_name"], me["last_name"]) == ("ann", "Ann van", "Example")
    assert me["auth"] == [{"provider": name, "uid": "4711"}]


@pytest.mark.parametrize("name", ["github-enterprise-org", "github-enterprise-team"])
def test_who_is_no_member_stays_outside(sign_on, hub, name):
    hub[0].login = "eve"
    _, answer = sign_on(name)
    assert answer["Location"] == "/sso/error/"
    assert not User.objects.exists()


def test_an_address_that_is_not_verified_gives_nothing(sign_on, hub):
    hub[0].emails[0]["verified"] = False
    services.change({"SOCIAL_AUTH_GITHUB_ENTERPRISE_ORGANIZATION_MAP": {"All": {"admins": "ann@example.org"}}})
    sign_on("github-enterprise")
    assert User.objects.get().email == ""
    assert roles_of("ann") == set()


def test_an_account_signs_on_again_as_the_same_user(sign_on, hub):
    sign_on("github-enterprise")
    hub[0].login = "anna"
    browser, _ = sign_on("github-enterprise")
    assert browser.get("/api/v2/me/").json()["results"][0]["username"] == "ann"
    assert User.objects.count() == 1


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.name)
def test_every_service_is_off_until_all_is_set_that_it_needs(db, provider: Provider):
    assert not provider.enabled
    values = {key: "http://127.0.0.1:1" if "URL" in key or "ENDPOINT" in key else "x" for key in provider.requires}
    first, *rest = values
    services.change({provider.key(key): values[key] for key in rest})
    assert not provider.enabled
    assert Client().get(f"/sso/login/{provider.name}/").status_code == 404
    services.change({provider.key(first): values[first]})
    assert provider.enabled


@pytest.mark.parametrize(
    ("name", "start", "scope"),
    [
        ("github", "https://github.com/login/oauth/authorize", "user:email"),
        ("github-org", "https://github.com/login/oauth/authorize", "read:org"),
        ("github-team", "https://github.com/login/oauth/authorize", "read:org"),
        ("google-oauth2", "https://accounts.google.com/o/oauth2/auth", "openid email profile"),
        ("azuread-oauth2", "https://login.microsoftonline.com/common/oauth2/authorize", "openid"),
    ],
)
def test_the_known_services_are_begun_at_their_own_address(db, name, start, scope):
    provider = PROVIDERS[name]
    services.change({provider.key(key): "x" for key in provider.requires})
    address = Client().get(f"/sso/login/{name}/")["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{start}?")
    assert scope in asked["scope"][0]
    assert asked["state"][0]
    assert asked["redirect_uri"] == [f"http://testserver/sso/complete/{name}/"]


def test_a_map_that_makes_no_sense_is_refused_by_name(admin, api):
    key = "SOCIAL_AUTH_GITHUB_ORGANIZATION_MAP"
    for value in ({"o": {"users": "/(/"}}, {"o": {"nobody": True}}, {"o": {"remove": "yes"}}):
        answer = api(admin).patch("/api/v2/settings/github/", {key: value}, format="json")
        assert (answer.status_code, list(answer.json())) == (400, [key])
