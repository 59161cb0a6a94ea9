"""/tokens/ and the tokens below users: made, used, shown once, revoked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.conf import services as settings_services
from apps.oauth.models import OAuth2AccessToken, OAuth2Application

pytestmark = pytest.mark.django_db
URL = "/api/v2/tokens/"


def make(client, **body):
    return client.post(URL, body, format="json")


def test_a_token_is_shown_once_and_stored_as_a_hash(people):
    answer = make(people.basic("mem"), description="mine", scope="read")
    body = answer.json()
    assert answer.status_code == 201
    assert len(body["token"]) > 30
    assert (body["user"], body["application"], body["refresh_token"]) == (people.mem.pk, None, None)
    assert people.basic("mem").get(body["url"]).json()["token"] == "************"
    stored = OAuth2AccessToken.objects.values().get(pk=body["id"])
    assert body["token"] not in str(stored)


def test_scopes_decide_what_a_token_does(people):
    read = people.bearer(make(people.as_("mem"), scope="read").json()["token"])
    write = people.bearer(make(people.as_("mem"), scope="write").json()["token"])
    me = f"/api/v2/users/{people.mem.pk}/"
    assert read.get("/api/v2/me/").json()["results"][0]["username"] == "mem"
    assert read.patch(me, {"first_name": "A"}, format="json").status_code == 403
    assert read.options(me).status_code == 200
    assert write.patch(me, {"first_name": "A"}, format="json").status_code == 200


def test_a_changed_scope_counts_at_once(people):
    body = make(people.as_("mem"), scope="read").json()
    client = people.bearer(body["token"])
    assert people.as_("mem").patch(body["url"], {"scope": "write"}, format="json").json()["scope"] == "write"
    assert client.post(URL, {}, format="json").status_code == 201


@pytest.mark.parametrize("scope", ["fly", "read read", "", "write  read", 7, None])
def test_bad_scopes_are_refused(people, scope):
    answer = make(people.as_("mem"), scope=scope)
    assert (answer.status_code, list(answer.json())) == (400, ["scope"])


def test_an_empty_body_makes_a_write_token(people):
    assert make(people.as_("mem")).json()["scope"] == "write"


def test_an_unknown_application_is_refused(people):
    answer = make(people.as_("mem"), application=999999)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer", "Digest abc", "Basic !!!"])
def test_headers_that_open_nothing_are_401(people, api, header):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get("/api/v2/me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer realm=api authorization_url=/api/o/authorize/"


def test_expired_and_revoked_tokens_and_those_of_inactive_users_are_401(people):
    body = make(people.as_("mem")).json()
    client = people.bearer(body["token"])
    rows = OAuth2AccessToken.objects.filter(pk=body["id"])
    rows.update(expires=timezone.now())
    assert client.get("/api/v2/me/").status_code == 401
    rows.update(expires=timezone.now() + timedelta(hours=1))
    assert client.get("/api/v2/me/").status_code == 200
    type(people.mem).objects.filter(pk=people.mem.pk).update(is_active=False)
    assert client.get("/api/v2/me/").status_code == 401


def test_tokens_of_others_are_hidden_and_safe(people):
    body = make(people.as_("mem")).json()
    assert people.as_("out").get(URL).json()["count"] == 0
    assert people.as_("out").get(body["url"]).status_code == 404
    assert people.as_("out").delete(body["url"]).status_code == 404
    assert people.as_("root").delete(body["url"]).status_code == 204
    assert people.bearer(body["token"]).get("/api/v2/me/").status_code == 401


def test_a_token_can_revoke_itself(people):
    body = make(people.as_("mem")).json()
    client = people.bearer(body["token"])
    assert client.delete(body["url"]).status_code == 204
    assert client.get("/api/v2/me/").status_code == 401


def test_tokens_hang_below_users_by_kind(people):
    application = OAuth2Application.objects.create(
        name="app", organization=people.org, client_type="confidential", authorization_grant_type="password"
    )
    mine = f"/api/v2/users/{people.mem.pk}/"
    client = people.as_("mem")
    assert client.post(f"{mine}personal_tokens/", {"scope": "read"}, format="json").status_code == 201
    answer = client.post(f"{mine}authorized_tokens/", {"application": application.pk}, format="json")
    assert answer.status_code == 201
    assert answer.json()["refresh_token"]
    missing = client.post(f"{mine}authorized_tokens/", {}, format="json")
    assert (missing.status_code, list(missing.json())) == (400, ["application"])
    counts = [
        client.get(f"{mine}{kind}/").json()["count"] for kind in ("tokens", "personal_tokens", "authorized_tokens")
    ]
    assert counts == [2, 1, 1]


def test_the_lists_by_kind_hold_the_askers_own_tokens(people):
    people.as_("mem").post(f"/api/v2/users/{people.mem.pk}/personal_tokens/", {"scope": "read"}, format="json")
    page = f"/api/v2/users/{people.mem.pk}/"
    assert people.as_("root").get(f"{page}personal_tokens/").json()["count"] == 0
    assert people.as_("root").get(f"{page}tokens/").json()["count"] == 1
    made = people.as_("root").post(f"{page}personal_tokens/", {"scope": "read"}, format="json")
    assert made.json()["user"] == people.root.pk
    assert people.as_("root").get(f"{page}personal_tokens/").json()["count"] == 1


def test_nobody_makes_tokens_in_the_list_of_another(people):
    answer = people.as_("out").post(f"/api/v2/users/{people.mem.pk}/personal_tokens/", {}, format="json")
    assert answer.status_code in (403, 404)
    assert not OAuth2AccessToken.objects.exists()


def test_personal_tokens_are_found_by_the_name_of_the_user(people):
    answer = people.basic("mem").post("/api/v2/users/mem/personal_tokens/", {"scope": "write"}, format="json")
    assert answer.status_code == 201


@pytest.mark.parametrize("name", ["token", "refresh_token", "user__password"])
def test_secrets_are_no_filters(people, name):
    assert people.as_("root").get(URL, {name: "x"}).status_code == 403


def test_tokens_live_as_long_as_the_setting_says(people):
    year = OAuth2AccessToken.objects.get(pk=make(people.as_("mem")).json()["id"])
    assert timedelta(days=360) < year.expires - timezone.now() < timedelta(days=366)
    settings_services.change({"OAUTH2_PROVIDER": {"ACCESS_TOKEN_EXPIRE_SECONDS": 60}})
    minute = OAuth2AccessToken.objects.get(pk=make(people.as_("mem")).json()["id"])
    assert minute.expires - timezone.now() < timedelta(seconds=61)


def test_users_of_an_external_sign_on_need_the_setting(people):
    type(people.mem).objects.filter(pk=people.mem.pk).update(external_source="ldap")
    people.mem.refresh_from_db()
    assert make(people.as_("mem")).status_code == 403
    settings_services.change({"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": True})
    assert make(people.as_("mem")).status_code == 201


def test_a_list_of_tokens_costs_the_same_for_any_number(people, django_assert_max_num_queries):
    client = people.as_("mem")
    for _ in range(12):
        make(client)
    with django_assert_max_num_queries(6):
        assert client.get(URL).json()["count"] == 12
