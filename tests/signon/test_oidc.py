"""OpenID Connect: whole sign-ons of a browser, over the network, and what of them is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from apps.conf import services
from apps.identity.models import ExternalAccount, Organization, User, UserSession

from . import provider as providers
from .test_ldap import roles_of


@pytest.fixture
def oidc(db: None) -> Iterator[providers.Provider]:
    """A provider, and the settings that name it."""
    with providers.running() as provider:
        services.change(
            {
                "SOCIAL_AUTH_OIDC_KEY": providers.CLIENT,
                "SOCIAL_AUTH_OIDC_SECRET": providers.SECRET,
                "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": f"{provider.url}/",
            }
        )
        yield provider


def leave(browser: Client, query: str = "") -> str:
    """Begin a sign-on; the address that the provider sends the browser back to."""
    begun = browser.get(f"/sso/login/oidc/{query}")
    assert begun.status_code == 302
    sent = requests.get(begun["Location"], allow_redirects=False, timeout=10)
    assert sent.status_code == 302, sent.text
    return sent.headers["Location"]


def come_back(browser: Client, address: str) -> Any:
    """Follow the provider's answer."""
    parts = urlsplit(address)
    assert parts.path == "/sso/complete/oidc/"
    return browser.get(f"{parts.path}?{parts.query}")


def signed_on(browser: Client) -> Any:
    """Who the session is for."""
    answer = browser.get("/api/v2/me/")
    return answer.json()["results"][0] if answer.status_code == 200 else None


def test_the_list_of_sign_ons_shows_those_that_are_configured(oidc, api):
    shown = api().get("/api/v2/auth/").json()
    assert shown == {"oidc": {"login_url": "/sso/login/oidc/", "complete_url": "http://testserver/sso/complete/oidc/"}}
    page = Client().get("/api/login/").content.decode()
    assert 'href="/sso/login/oidc/?next=%2Fapi%2F"' in page
    services.change({"SOCIAL_AUTH_OIDC_KEY": ""})
    assert api().get("/api/v2/auth/").json() == {}
    assert Client().get("/sso/login/oidc/").status_code == 404


def test_a_whole_sign_on_opens_a_session(oidc):
    browser = Client()
    answer = come_back(browser, leave(browser, "?next=/api/v2/jobs/"))
    assert (answer.status_code, answer["Location"]) == (302, "/api/v2/jobs/")
    assert answer.cookies["userLoggedIn"].value == "true"
    assert answer["X-API-Session-Cookie-Name"] == "awx_sessionid"
    me = signed_on(browser)
    assert (me["username"], me["first_name"], me["last_name"]) == ("ann", "Ann", "Example")
    assert (me["email"], me["external_account"]) == ("ann@example.org", "social")
    assert me["auth"] == [{"provider": "oidc", "uid": "subject-1"}]
    asked = oidc.site.got[1].query
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"][0]
    assert asked["redirect_uri"] == ["http://testserver/sso/complete/oidc/"]


def test_an_account_stays_the_same_user_when_it_is_renamed(oidc):
    first, second = Client(), Client()
    come_back(first, leave(first))
    oidc.person |= {"preferred_username": "other", "given_name": "Anna"}
    come_back(second, leave(second))
    assert signed_on(second)["id"] == signed_on(first)["id"]
    assert (signed_on(second)["username"], signed_on(second)["first_name"]) == ("ann", "Anna")


def test_a_local_user_of_the_same_name_or_address_is_not_taken_over(oidc, admin):
    User.objects.filter(pk=admin.pk).update(email="ann@example.org")
    oidc.person |= {"preferred_username": "admin"}
    browser = Client()
    come_back(browser, leave(browser))
    me = signed_on(browser)
    assert me["id"] != admin.pk
    assert me["username"].startswith("admin")
    assert me["is_superuser"] is False


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_way_back_stays_on_this_server(oidc, where):
    browser = Client()
    answer = come_back(browser, leave(browser, f"?next={where}"))
    assert answer["Location"] == "/api/"


def refused(browser: Client, address: str) -> None:
    """The sign-on fails, and nothing is opened or made."""
    answer = come_back(browser, address)
    assert (answer.status_code, answer["Location"]) == (302, "/sso/error/")
    page = browser.get("/sso/error/")
    assert (page.status_code, "did not succeed" in page.content.decode()) == (403, True)
    assert signed_on(browser) is None
    assert not User.objects.exists()
    assert browser.get("/api/v2/auth/").json()["oidc"]["error"]


def test_a_state_of_nobody_is_refused(oidc):
    browser = Client()
    address = leave(browser)
    state = parse_qs(urlsplit(address).query)["state"][0]
    refused(browser, address.replace(state, "x" * len(state)))


def test_an_answer_in_another_browser_is_refused(oidc):
    refused(Client(), leave(Client()))


def test_an_answer_counts_once(oidc):
    browser = Client()
    address = leave(browser)
    assert come_back(browser, address)["Location"] == "/api/"
    browser.get("/api/logout/")
    assert come_back(browser, address)["Location"] == "/sso/error/"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"iat": 1},
        {"sub": None},
    ],
)
def test_tokens_with_wrong_claims_are_refused(oidc, claims):
    oidc.claims = claims
    browser = Client()
    refused(browser, leave(browser))


def test_tokens_that_another_key_has_signed_are_refused(oidc):
    oidc.signs_with = providers.new_key()
    browser = Client()
    refused(browser, leave(browser))


def test_userinfo_of_another_subject_is_refused(oidc):
    oidc.userinfo = {"sub": "subject-2"}
    browser = Client()
    refused(browser, leave(browser))


def test_a_refusal_of_the_provider_is_an_error_page(oidc):
    browser = Client()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    answer = browser.get(f"/sso/complete/oidc/?error=access_denied&state={state}")
    assert answer["Location"] == "/sso/error/"
    assert "was canceled" in browser.get("/sso/error/").content.decode()


def test_secrets_and_tokens_are_in_no_log(oidc, caplog):
    caplog.set_level("DEBUG")
    oidc.signs_with = providers.new_key()
    browser = Client()
    refused(browser, leave(browser))
    assert "a sign-on by oidc failed: invalid_signature" in caplog.text
    for secret in (providers.SECRET, "access-1", "eyJ"):
        assert secret not in caplog.text


def test_a_provider_that_is_down_is_an_error_page(oidc, caplog):
    services.change({"SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": "http://127.0.0.1:1"})
    assert Client().get("/sso/login/oidc/")["Location"] == "/sso/error/"
    assert "connection_failed" in caplog.text


def test_addresses_that_nobody_may_make_us_call_are_not_called(oidc, caplog):
    services.change({"SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": "http://169.254.169.254"})
    assert Client().get("/sso/login/oidc/")["Location"] == "/sso/error/"
    assert "connection_failed at begin: Refused" in caplog.text


def test_an_account_that_is_switched_off_here_stays_outside(oidc):
    browser = Client()
    come_back(browser, leave(browser))
    User.objects.update(is_active=False)
    other = Client()
    assert come_back(other, leave(other))["Location"] == "/sso/inactive/"
    assert "switched off" in other.get("/sso/inactive/").content.decode()
    assert signed_on(other) is None


def test_sessions_are_limited_as_for_any_login(oidc):
    services.change({"SESSIONS_PER_USER": 1})
    first, second = Client(), Client()
    come_back(first, leave(first))
    come_back(second, leave(second))
    assert UserSession.objects.filter(user__username="ann").count() == 1
    assert (signed_on(first), signed_on(second)["username"]) == (None, "ann")


def test_maps_name_people_by_username_address_and_pattern(oidc):
    Organization.objects.create(name="Old")
    services.change(
        {
            "SOCIAL_AUTH_ORGANIZATION_MAP": {
                "ByName": {"users": "ann"},
                "ByAddress": {"users": ["ann@example.org"], "admins": "/^.*@EXAMPLE\\.org$/i"},
                "ByPattern": {"users": "/^nobody/", "auditors": True},
                "Old": {"organization_alias": "New", "users": True},
            },
            "SOCIAL_AUTH_TEAM_MAP": {"ops": {"organization": "ByName", "users": ["/^an/"]}},
        }
    )
    browser = Client()
    come_back(browser, leave(browser))
    assert roles_of("ann") == {
        ("ByName", "member_role"),
        ("ByAddress", "member_role"),
        ("ByAddress", "admin_role"),
        ("ByPattern", "auditor_role"),
        ("New", "member_role"),
        ("ops", "member_role"),
    }
    services.change(
        {"SOCIAL_AUTH_ORGANIZATION_MAP": {"ByName": {"users": "bob"}, "New": {"users": [], "remove": False}}}
    )
    again = Client()
    come_back(again, leave(again))
    assert ("ByName", "member_role") not in roles_of("ann")
    assert ("New", "member_role") in roles_of("ann")


def test_an_address_that_the_provider_has_not_verified_does_not_count(oidc):
    oidc.person |= {"email": "boss@example.org", "email_verified": False}
    services.change({"SOCIAL_AUTH_ORGANIZATION_MAP": {"All": {"admins": "boss@example.org"}}})
    browser = Client()
    come_back(browser, leave(browser))
    assert signed_on(browser)["email"] == ""
    assert roles_of("ann") == set()


def test_the_username_may_be_the_whole_address(oidc):
    services.change({"SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL": True})
    browser = Client()
    come_back(browser, leave(browser))
    assert signed_on(browser)["username"] == "ann@example.org"


def test_without_user_fields_only_known_people_come_in(oidc):
    services.change({"SOCIAL_AUTH_USER_FIELDS": []})
    browser = Client()
    refused(browser, leave(browser))
    known = User.objects.create_user("ann", external_source="social")
    ExternalAccount.objects.create(user=known, provider="oidc", uid="subject-1")
    assert come_back(browser, leave(browser))["Location"] == "/api/"
    assert signed_on(browser)["id"] == known.pk


def test_the_callback_is_the_address_that_the_settings_show(oidc, api, admin):
    services.change({"TOWER_URL_BASE": "https://awx.example.org"})
    begun = Client().get("/sso/login/oidc/")
    asked = parse_qs(urlsplit(begun["Location"]).query)
    assert asked["redirect_uri"] == ["https://awx.example.org/sso/complete/oidc/"]


def test_sign_ons_that_begin_too_often_have_to_wait(oidc: providers.Provider, settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ADDRESS = 2
    answers = [Client().get("/sso/login/oidc/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[-1]["Retry-After"] == "60"
