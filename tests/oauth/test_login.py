"""/api/login/, /api/logout/, sessions and HTTP Basic."""

from base64 import b64encode

import pytest
from django.core.cache import cache
from django.test import Client

from apps.conf import services as settings_services
from apps.core import events
from apps.identity import throttle
from apps.identity.models import UserSession

pytestmark = pytest.mark.django_db
LOGIN, ME = "/api/login/", "/api/v2/me/"


def browser():
    """A browser that has seen the form: (client, token)."""
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN, headers={"Accept": "text/html"})
    return client, client.cookies["csrftoken"].value


def log_in(name="mem", password=None, **extra):
    client, token = browser()
    form = {"username": name, "password": password or f"Pw-{name}"} | extra
    return client, client.post(LOGIN, form, headers={"X-CSRFToken": token, "Accept": "text/html"})


def test_the_form_is_html_only_and_sets_the_csrf_cookie(db):
    assert Client().get(LOGIN, headers={"Accept": "application/json"}).status_code == 406
    answer = Client().get(LOGIN, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert b'name="password"' in answer.content
    assert "csrftoken" in answer.cookies


def test_a_good_password_opens_a_session(people):
    client, answer = log_in(next=ME)
    assert (answer.status_code, answer["Location"]) == (302, ME)
    assert answer["X-API-Session-Cookie-Name"] == "awx_sessionid"
    assert answer.cookies["userLoggedIn"].value == "true"
    assert client.get(ME).json()["results"][0]["username"] == "mem"
    people.mem.refresh_from_db()
    assert people.mem.last_login is not None


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(people, elsewhere):
    assert log_in(next=elsewhere)[1]["Location"] == "/api/"


@pytest.mark.parametrize(("name", "password"), [("mem", "no"), ("nobody", "x"), ("mem", " "), ("m\0", "x")])
def test_bad_passwords_are_401(people, name, password):
    assert log_in(name, password)[1].status_code == 401


def test_without_a_csrf_token_it_is_403(people):
    form = {"username": "mem", "password": "Pw-mem"}
    assert Client(enforce_csrf_checks=True).post(LOGIN, form).status_code == 403


def test_a_session_writes_only_with_the_csrf_token(people):
    client, _ = log_in()
    url, body = f"/api/v2/users/{people.mem.pk}/", {"first_name": "x"}
    assert client.patch(url, body, content_type="application/json").status_code == 403
    token = client.cookies["csrftoken"].value
    answer = client.patch(url, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_logging_out_ends_the_session(people):
    client, _ = log_in()
    key = client.cookies["awx_sessionid"].value
    answer = client.get("/api/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/")
    other = Client()
    other.cookies["awx_sessionid"] = key
    assert other.get(ME).status_code == 401


def test_a_user_has_no_more_sessions_than_the_setting_allows(people):
    settings_services.change({"SESSIONS_PER_USER": 2})
    clients = [log_in()[0] for _ in range(3)]
    assert [client.get(ME).status_code for client in clients] == [401, 200, 200]
    assert UserSession.objects.filter(user=people.mem).count() == 2


def test_sessions_live_as_long_as_the_setting_says(people):
    settings_services.change({"SESSION_COOKIE_AGE": 100})
    client, answer = log_in()
    assert answer.cookies["awx_sessionid"]["max-age"] == 100
    assert client.get(ME).status_code == 200


def test_basic_works_and_can_be_switched_off(people):
    assert people.basic("mem").get(ME).status_code == 200
    assert people.basic("mem", "no").get(ME).status_code == 401
    settings_services.change({"AUTH_BASIC_ENABLED": False})
    assert people.basic("mem").get(ME).status_code == 401


def test_a_new_password_ends_the_old_one_at_once(people):
    client = people.basic("mem")
    assert client.get(ME).status_code == 200
    people.mem.set_password("other")
    people.mem.save()
    assert client.get(ME).status_code == 401
    events.password_changed.send(sender=None, user=people.mem)
    assert people.basic("mem", "other").get(ME).status_code == 200


def test_too_many_failures_are_slowed_down(people, settings):
    settings.LOGIN_FAILURES_PER_NAME = 3
    codes = [people.basic("mem", "no").get(ME).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]
    assert log_in("mem", "no")[1].status_code == 429
    assert people.basic("adm").get(ME).status_code == 200


def test_a_counter_that_runs_out_between_two_calls_still_ends(monkeypatch):
    redis = cache._cache.get_client()

    def ran_out(key):
        redis.delete(cache.make_key(key))
        return redis.incr(cache.make_key(key))  # without the key it begins anew, and for ever

    monkeypatch.setattr(cache, "incr", ran_out)
    throttle.count("mem")
    throttle.count("mem")
    assert redis.ttl(cache.make_key("mem")) > 0


@pytest.mark.parametrize("text", ["mem", ":", "mem:", "\0:x", "é:ü"])
def test_strange_basic_headers_are_401(people, api, text):
    client = api()
    client.credentials(HTTP_AUTHORIZATION="Basic " + b64encode(text.encode()).decode())
    assert client.get(ME).status_code == 401


def test_local_passwords_can_be_left_to_superusers(people):
    settings_services.change({"DISABLE_LOCAL_AUTH": True})
    assert people.basic("mem").get(ME).status_code == 401
    assert people.basic("root").get(ME).status_code == 200


def test_trusted_origins_follow_the_setting(people):
    client, token = browser()
    form, origin = {"username": "mem", "password": "Pw-mem"}, "https://proxy.example"
    headers = {"X-CSRFToken": token, "Origin": origin}
    assert client.post(LOGIN, form, headers=headers).status_code == 403
    settings_services.change({"CSRF_TRUSTED_ORIGINS": [origin]})
    assert client.post(LOGIN, form, headers=headers).status_code == 302
    token = client.cookies["csrftoken"].value
    url = f"/api/v2/users/{people.mem.pk}/"
    for sender, status in ((origin, 200), ("https://evil.example", 403)):
        answer = client.patch(
            url, {}, content_type="application/json", headers={"X-CSRFToken": token, "Origin": sender}
        )
        assert answer.status_code == status


def test_failures_count_for_the_client_behind_a_trusted_proxy_only(people, settings):
    settings.LOGIN_FAILURES_PER_NAME = 1
    client = people.basic("mem", "no")

    def codes():
        return [client.get(ME, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in (1, 2)]

    assert codes() == [401, 429]
    settings_services.change({"PROXY_IP_ALLOWED_LIST": ["127.0.0.1"]})
    assert codes() == [401, 401]


@pytest.mark.parametrize(
    ("rule", "bad"),
    [("LENGTH", "Ab1!"), ("DIGITS", "Abcdefg!"), ("UPPER", "abcdef1!"), ("SPECIAL", "Abcdefg1")],
)
def test_new_passwords_follow_the_local_rules(people, rule, bad):
    settings_services.change({f"LOCAL_PASSWORD_MIN_{rule}": 6 if rule == "LENGTH" else 1})
    url = f"/api/v2/users/{people.mem.pk}/"
    answer = people.as_("root").patch(url, {"password": bad}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["password"])
    assert people.as_("root").patch(url, {"password": "Abcde1!"}, format="json").status_code == 200
