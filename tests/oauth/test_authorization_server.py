"""/api/o/: password grant, codes with PKCE, refresh, revocation."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.conf import services as settings_services
from apps.oauth.models import OAuth2AccessToken, OAuth2Application, OAuth2Grant

pytestmark = pytest.mark.django_db
TOKEN, REVOKE, AUTHORIZE = "/api/o/token/", "/api/o/revoke_token/", "/api/o/authorize/"
BACK = "https://example.org/cb"


@pytest.fixture
def app(people):
    """A confidential application for passwords, with its secret in clear."""
    row = OAuth2Application(
        name="app", organization=people.org, client_type="confidential", authorization_grant_type="password"
    )
    row.save()
    return row


@pytest.fixture
def public(people):
    """A public application for codes."""
    return OAuth2Application.objects.create(
        name="pub",
        organization=people.org,
        client_type="public",
        authorization_grant_type="authorization-code",
        redirect_uris=BACK,
    )


def ask(app, secret=None, path=TOKEN, **form):
    text = b64encode(f"{app.client_id}:{secret or app.shown_secret}".encode()).decode()
    return Client(enforce_csrf_checks=True).post(path, form, headers={"Authorization": f"Basic {text}"})


def password(app, **extra):
    return ask(app, **({"grant_type": "password", "username": "mem", "password": "Pw-mem"} | extra))


def test_the_root_names_the_paths(db):
    body = Client().get("/api/o/").json()
    assert body == {"authorize": AUTHORIZE, "token": TOKEN, "revoke_token": REVOKE}


def test_a_password_buys_a_token_that_works(people, app):
    body = password(app, scope="write").json()
    assert (body["token_type"], body["scope"]) == ("Bearer", "write")
    assert people.bearer(body["access_token"]).get("/api/v2/me/").json()["results"][0]["username"] == "mem"
    assert password(app).json()["scope"] == "read write"


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({"password": "no"}, 400),
        ({"username": "nobody"}, 400),
        ({"scope": "fly"}, 400),
        ({"grant_type": "magic"}, 400),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}, 400),
        ({"secret": "wrong"}, 401),
        ({"username": "m\0m"}, 400),
    ],
)
def test_wrong_requests_are_refused_with_an_error(people, app, extra, status):
    answer = password(app, **extra)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_without_a_client_it_is_401(people):
    answer = Client(enforce_csrf_checks=True).post(
        TOKEN, {"grant_type": "password", "username": "mem", "password": "Pw-mem"}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_password_grant_can_be_switched_off(people, app, settings):
    settings.OAUTH2_PASSWORD_GRANT = False
    assert password(app).json()["error"] == "unauthorized_client"


def test_refresh_ends_both_old_tokens_and_reuse_ends_the_family(people, app):
    first = password(app).json()
    second = ask(app, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert people.bearer(first["access_token"]).get("/api/v2/me/").status_code == 401
    assert people.bearer(second["access_token"]).get("/api/v2/me/").status_code == 200
    again = ask(app, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert people.bearer(second["access_token"]).get("/api/v2/me/").status_code == 401


def test_revocation_needs_the_client_and_forgives_nonsense(people, app):
    token = password(app).json()["access_token"]
    assert Client(enforce_csrf_checks=True).post(REVOKE, {"token": token}).status_code == 401
    assert ask(app, path=REVOKE, token=token).status_code == 200
    assert people.bearer(token).get("/api/v2/me/").status_code == 401
    assert ask(app, path=REVOKE, token="nonsense").status_code == 200


def test_refreshing_after_the_access_token_was_revoked_is_refused(people, app):
    pair = password(app).json()
    OAuth2AccessToken.objects.all().delete()
    assert ask(app, grant_type="refresh_token", refresh_token=pair["refresh_token"]).status_code == 400


def test_users_of_an_external_sign_on_get_no_token(people, app):
    type(people.mem).objects.filter(pk=people.mem.pk).update(external_source="ldap")
    answer = password(app)
    assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")


def test_token_lifetimes_follow_the_setting(people, app):
    settings_services.change({"OAUTH2_PROVIDER": {"ACCESS_TOKEN_EXPIRE_SECONDS": 77}})
    assert password(app).json()["expires_in"] == 77


def challenge(verifier):
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def consent(people, public, verifier, **extra):
    """Log in, see the page, agree; returns the answer."""
    browser = Client()
    browser.force_login(people.mem)
    query = {
        "response_type": "code",
        "client_id": public.client_id,
        "redirect_uri": BACK,
        "state": "s",
        "scope": "read",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    } | extra
    page = browser.get(AUTHORIZE, query)
    if page.status_code != 200:
        return page
    form = {name: value for name, value in page.context["form"].initial.items() if value}
    return browser.post(AUTHORIZE, form | {"allow": "Authorize"})


def test_a_code_with_its_verifier_buys_a_token_once(people, public):
    answer = consent(people, public, "v" * 50)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["state"] == ["s"]
    code = query["code"][0]
    assert not OAuth2Grant.objects.extra(where=["code = %s"], params=[code]).exists()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": public.client_id}
    assert Client(enforce_csrf_checks=True).post(TOKEN, form | {"code_verifier": "w" * 50}).status_code == 400
    body = Client(enforce_csrf_checks=True).post(TOKEN, form | {"code_verifier": "v" * 50}).json()
    assert people.bearer(body["access_token"]).get("/api/v2/me/").json()["results"][0]["username"] == "mem"
    assert Client(enforce_csrf_checks=True).post(TOKEN, form | {"code_verifier": "v" * 50}).status_code == 400


@pytest.mark.parametrize(
    "extra", [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"response_type": "token"}, {"scope": "fly"}]
)
def test_weak_requests_get_no_code(people, public, extra):
    answer = consent(people, public, "v" * 50, **extra)
    assert "code=" not in answer.get("Location", "")


def test_a_redirect_that_is_not_registered_is_not_followed(people, public):
    answer = consent(people, public, "v" * 50, redirect_uri="https://example.org/cb?x=1")
    assert answer.status_code == 400
    assert b"cannot be authorized" in answer.content


def test_the_page_names_the_application_and_asks_anonymous_people_to_log_in(people, public):
    answer = Client().get(AUTHORIZE, {"client_id": public.client_id})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/api/login/?next=")


def test_refusing_sends_the_refusal_back(people, public):
    browser = Client()
    browser.force_login(people.mem)
    form = {"response_type": "code", "client_id": public.client_id, "redirect_uri": BACK, "scope": "read", "state": "s"}
    form |= {"code_challenge": challenge("v" * 50), "code_challenge_method": "S256"}
    answer = browser.post(AUTHORIZE, form)
    assert "error=access_denied" in answer["Location"]
