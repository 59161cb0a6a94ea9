"""manage.py: tokens, sessions, passwords and the secret key."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.conf import live
from apps.conf import services as settings_services
from apps.conf.models import Setting
from apps.core import crypto, registry
from apps.identity.models import UserSession
from apps.oauth.models import OAuth2AccessToken, OAuth2Application, OAuth2RefreshToken
from apps.oauth.serializers import TokenSerializer

pytestmark = pytest.mark.django_db


def run(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def pair(people):
    """A token for an application, with its refresh token."""
    app = OAuth2Application.objects.create(
        name="app", organization=people.org, client_type="public", authorization_grant_type="password"
    )
    request = type("Request", (), {"user": people.mem})
    return TokenSerializer(context={"request": request}).create({"scope": "read", "application": app})


def test_a_token_is_made_and_works(people):
    token = run("create_oauth2_token", user="mem").strip()
    assert people.bearer(token).get("/api/v2/me/").json()["results"][0]["username"] == "mem"


@pytest.mark.parametrize(
    "words",
    [
        ("create_oauth2_token",),
        ("create_oauth2_token", "--user", "nobody"),
        ("revoke_oauth2_tokens", "--user", "nobody"),
        ("expire_sessions", "--user", "nobody"),
        ("update_password", "--username", "mem"),
        ("update_password", "--username", "nobody", "--password", "x"),
    ],
)
def test_missing_and_unknown_users_are_one_line_and_code_1(people, words):
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)


def test_tokens_are_revoked_by_user_without_being_shown(people):
    mine, other = run("create_oauth2_token", user="mem").strip(), run("create_oauth2_token", user="adm").strip()
    out = run("revoke_oauth2_tokens", user="mem")
    assert out.startswith("revoked OAuth2AccessToken ")
    assert mine not in out
    assert people.bearer(mine).get("/api/v2/me/").status_code == 401
    assert people.bearer(other).get("/api/v2/me/").status_code == 200


def test_refresh_tokens_are_revoked_when_asked(people):
    pair(people)
    out = run("revoke_oauth2_tokens", "--revoke_refresh")
    assert [line.split()[1] for line in out.splitlines()] == ["OAuth2AccessToken", "OAuth2RefreshToken"]
    assert not OAuth2RefreshToken.objects.filter(revoked=None).exists()


def test_expired_tokens_are_cleared_refresh_tokens_after_their_time(people):
    token = pair(people)
    run("create_oauth2_token", user="mem")
    OAuth2AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=10))
    run("cleartokens")
    assert list(OAuth2AccessToken.objects.values_list("pk", flat=True)) == [token.pk]
    settings_services.change({"OAUTH2_PROVIDER": {"REFRESH_TOKEN_EXPIRE_SECONDS": 5}})
    assert run("cleartokens") == "2 expired rows deleted\n"
    assert not OAuth2RefreshToken.objects.exists()


def test_sessions_end(people):
    browsers = {name: Client() for name in ("mem", "adm")}
    for name, browser in browsers.items():
        browser.force_login(getattr(people, name))
    run("expire_sessions", user="mem")
    assert [browser.get("/api/v2/me/").status_code for browser in browsers.values()] == [401, 200]
    run("expire_sessions")
    assert not UserSession.objects.exists()


def test_expired_sessions_are_cleared(people):
    Client().force_login(people.mem)
    UserSession.objects.update(expire_date=timezone.now() - timedelta(days=1))
    run("clearsessions")
    assert not UserSession.objects.exists()


def test_a_password_is_updated_once(people):
    words = {"username": "mem", "password": "new"}
    assert run("update_password", **words).strip() == "Password updated"
    assert run("update_password", **words).strip() == "Password not updated"
    assert people.basic("mem", "new").get("/api/v2/me/").status_code == 200


def test_a_new_secret_key_opens_every_secret(people, settings):
    settings_services.change({"LOG_AGGREGATOR_PASSWORD": "s3cret", "REDHAT_PASSWORD": "0ther"})
    key = run("regenerate_secret_key").strip()
    assert key != django_settings.SECRET_KEY
    settings.SECRET_KEY = key
    live.forget()
    assert (live.get("LOG_AGGREGATOR_PASSWORD"), live.get("REDHAT_PASSWORD")) == ("s3cret", "0ther")


def test_an_unreadable_secret_leaves_all_as_they_were(people, monkeypatch):
    settings_services.change({"LOG_AGGREGATOR_PASSWORD": "s3cret"})
    foreign = crypto.encrypt("x", "conf.setting.value", secret="another key")
    Setting.objects.create(key="ZZZ", value=foreign)
    before = list(Setting.objects.values_list("key", "value"))
    monkeypatch.setenv("TOWER_SECRET_KEY", "given")
    with pytest.raises(CommandError, match="cannot be read"):
        run("regenerate_secret_key", "--use-custom-key")
    assert list(Setting.objects.values_list("key", "value")) == before


def test_secrets_within_json_rotate_too(people, settings):
    sealed = crypto.encrypt("hidden answer", crypto.label("tests.secret"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE rekeyed (id int, data jsonb)")
        cursor.execute("INSERT INTO rekeyed VALUES (1, jsonb_build_object('a', %s::text))", [sealed])
    from apps.core.rekey import Rekeyer, rekey_column

    assert rekey_column(Rekeyer(settings.SECRET_KEY, "new", crypto.LABELS), "rekeyed", "id", "data", only=False) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT data ->> 'a' FROM rekeyed")
        assert crypto.decrypt(cursor.fetchone()[0], "tests.secret", secret="new") == "hidden answer"


def test_text_of_users_that_looks_like_a_secret_stops_no_rotation(people, settings):
    settings_services.change({"LOG_AGGREGATOR_PASSWORD": "s3cret"})
    people.org.description = f"see $encrypted$1$abc and {crypto.encrypt('x', 'conf.setting.value', secret='another')}"
    people.org.save()
    settings.SECRET_KEY = run("regenerate_secret_key").strip()
    live.forget()
    assert live.get("LOG_AGGREGATOR_PASSWORD") == "s3cret"
    kept = people.org.description
    people.org.refresh_from_db()
    assert people.org.description == kept


@pytest.mark.parametrize("slug", ["job_templates", "workflow_job_templates"])
def test_password_defaults_of_surveys_rotate_too(people, settings, slug):
    template = registry.by_slug(slug).model.objects.create(name="asks", organization=people.org)
    question = {"type": "password", "variable": "pw", "default": "s3cret", "question_name": "q", "required": False}
    spec = {"name": "", "description": "", "spec": [question]}
    url = f"/api/v2/{slug}/{template.pk}/survey_spec/"
    assert people.as_("root").post(url, spec, format="json").status_code == 200
    key = run("regenerate_secret_key").strip()
    template.refresh_from_db()
    sealed = template.survey_spec["spec"][0]["default"]
    assert crypto.decrypt(sealed, "jobs.survey", secret=key) == "s3cret"
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(sealed, "jobs.survey", secret=settings.SECRET_KEY)
