"""/settings/: categories, changes, resets, secrets, and who may."""

import base64

import pytest

from apps.conf import live, registry, services
from apps.conf.models import Setting
from apps.identity.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v2/settings/"


@pytest.fixture
def root(admin, api):
    """A superuser's client."""
    return api(admin)


def patch(client, category, **values):
    return client.patch(f"{URL}{category}/", values, format="json")


def test_the_categories_are_listed_by_name(root):
    body = root.get(URL).json()
    assert body["count"] == 23
    assert body["results"][0] == {"url": f"{URL}all/", "slug": "all", "name": "All"}
    assert [row["slug"] for row in body["results"]] == sorted(row["slug"] for row in body["results"])


def test_every_category_answers_with_its_settings(root):
    shown = set()
    for category in registry.categories():
        answer = root.get(f"{URL}{category.slug}/")
        assert answer.status_code == 200
        shown |= set(answer.json())
    assert shown == set(root.get(f"{URL}all/").json())
    assert len(shown) == 280


def test_a_change_is_kept_listed_and_reset(root):
    assert patch(root, "ui", CUSTOM_LOGIN_INFO="hello").json()["CUSTOM_LOGIN_INFO"] == "hello"
    assert live.get("CUSTOM_LOGIN_INFO") == "hello"
    assert root.get(f"{URL}changed/").json()["CUSTOM_LOGIN_INFO"] == "hello"
    assert root.delete(f"{URL}ui/").status_code == 204
    assert root.get(f"{URL}ui/").json()["CUSTOM_LOGIN_INFO"] == ""
    assert "CUSTOM_LOGIN_INFO" not in root.get(f"{URL}changed/").json()


@pytest.mark.parametrize(
    ("category", "key", "value"),
    [
        ("ui", "CUSTOM_LOGO", "hello"),
        ("ui", "CUSTOM_LOGO", "data:image/png;base64," + base64.b64encode(b"<svg onload=alert(1)>").decode()),
        ("ui", "MAX_UI_JOB_EVENTS", 1),
        ("authentication", "SESSIONS_PER_USER", "many"),
        ("authentication", "SESSIONS_PER_USER", -5),
        ("authentication", "SESSION_COOKIE_AGE", None),
        ("authentication", "OAUTH2_PROVIDER", {"BOGUS": 1}),
        ("authentication", "OAUTH2_PROVIDER", {"ACCESS_TOKEN_EXPIRE_SECONDS": "x"}),
        ("authentication", "OAUTH2_PROVIDER", {"ACCESS_TOKEN_EXPIRE_SECONDS": 10**18}),
        ("authentication", "OAUTH2_PROVIDER", [1]),
        ("authentication", "AUTH_BASIC_ENABLED", "perhaps"),
        ("authentication", "LOGIN_REDIRECT_OVERRIDE", "javascript:alert(1)"),
        ("jobs", "ALLOW_JINJA_IN_EXTRA_VARS", "sometimes"),
        ("jobs", "AD_HOC_COMMANDS", "shell"),
        ("jobs", "AWX_TASK_ENV", {"A B": "x"}),
        ("system", "PROXY_IP_ALLOWED_LIST", ["not an address"]),
        ("system", "AUTOMATION_ANALYTICS_URL", "example.com"),
        ("system", "AUTOMATION_ANALYTICS_URL", "http://["),
        ("ldap", "AUTH_LDAP_SERVER_URI", "ldap://["),
        ("system", "CUSTOM_VENV_PATHS", ["/not/there"]),
        ("system", "CUSTOM_VENV_PATHS", ["tmp"]),
        ("jobs", "AWX_ISOLATION_SHOW_PATHS", ["here:/there"]),
        ("jobs", "AWX_ISOLATION_SHOW_PATHS", ["/here:/there:Q"]),
        ("ldap", "AUTH_LDAP_CONNECTION_OPTIONS", {"OPT_BOGUS": 1}),
        ("tacacsplus", "TACACSPLUS_SECRET", "ä"),
        ("system", "DEFAULT_EXECUTION_ENVIRONMENT", 999999),
    ],
)
def test_bad_values_are_refused_by_name(root, category, key, value):
    answer = patch(root, category, **{key: value})
    assert (answer.status_code, list(answer.json())) == (400, [key])
    assert not Setting.objects.filter(key=key).exists()


def test_an_origin_that_cannot_be_read_is_refused(root):
    assert patch(root, "system", CSRF_TRUSTED_ORIGINS=["https://["]).status_code == 400


@pytest.mark.parametrize(
    ("category", "values", "fits"),
    [
        ("logging", {"LOG_AGGREGATOR_ENABLED": True}, {"LOG_AGGREGATOR_HOST": "h", "LOG_AGGREGATOR_TYPE": "splunk"}),
        ("tacacsplus", {"TACACSPLUS_HOST": "h"}, {"TACACSPLUS_SECRET": "s"}),
        ("authentication", {"DISABLE_LOCAL_AUTH": True}, None),
        ("system", {"CSRF_TRUSTED_ORIGINS": ["example.org"]}, {"CSRF_TRUSTED_ORIGINS": ["https://example.org"]}),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(root, category, values, fits):
    answer = patch(root, category, **values)
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])
    if fits is None:
        patch(root, "radius", RADIUS_SERVER="radius.example.org")
    assert patch(root, category, **values | (fits or {})).status_code == 200


@pytest.mark.parametrize(
    ("category", "key", "value", "wrong"),
    [
        ("saml", "SOCIAL_AUTH_SAML_ORG_INFO", {"en-US": {"name": "x"}}, {"en-US": {"displayname", "url"}}),
        ("saml", "SOCIAL_AUTH_SAML_ENABLED_IDPS", {"a": {}}, {"a": {"entity_id", "url", "x509cert"}}),
        ("saml", "SOCIAL_AUTH_SAML_TECHNICAL_CONTACT", {"givenName": "x"}, {"emailAddress": None}),
        ("authentication", "SOCIAL_AUTH_ORGANIZATION_MAP", {"o": {"bogus": 1, "users": 5}}, {"o": {"bogus", "users"}}),
        ("authentication", "SOCIAL_AUTH_TEAM_MAP", {"t": {"users": True}}, {"t": {"organization"}}),
    ],
)
def test_what_is_wrong_in_a_map_is_told_by_entry(root, category, key, value, wrong):
    answer = patch(root, category, **{key: value})
    assert answer.status_code == 400
    found = answer.json()[key]
    assert {name: set(inner) if isinstance(inner, dict) else None for name, inner in found.items()} == wrong


def test_lists_of_paths_are_kept_in_order(root):
    answer = patch(root, "system", CUSTOM_VENV_PATHS=["/usr/", "/etc/"]).json()
    assert answer["CUSTOM_VENV_PATHS"] == ["/etc", "/usr"]


def test_the_backends_are_those_whose_settings_have_a_value(root):
    local = "awx.main.backends.AWXModelBackend"
    key = "AUTHENTICATION_BACKENDS"
    assert root.get(f"{URL}authentication/").json()[key] == [local]
    patch(root, "radius", RADIUS_SERVER="radius.example.org")
    assert root.get(f"{URL}authentication/").json()[key] == ["awx.sso.backends.RADIUSBackend", local]


def test_settings_of_other_categories_and_read_only_ones_are_ignored(root):
    assert patch(root, "ui", SESSIONS_PER_USER=3, BOGUS=1, PENDO_TRACKING_STATE="detailed").status_code == 200
    assert live.get("SESSIONS_PER_USER") == -1
    assert root.get(f"{URL}ui/").json()["PENDO_TRACKING_STATE"] == "off"


def test_secrets_are_encrypted_masked_and_kept_when_the_mask_comes_back(root):
    patch(root, "logging", LOG_AGGREGATOR_PASSWORD="s3cret")
    assert root.get(f"{URL}logging/").json()["LOG_AGGREGATOR_PASSWORD"] == "$encrypted$"
    stored = Setting.objects.get(key="LOG_AGGREGATOR_PASSWORD")
    assert "s3cret" not in stored.value
    patch(root, "logging", LOG_AGGREGATOR_PASSWORD="$encrypted$", LOG_AGGREGATOR_USERNAME="u")
    assert live.get("LOG_AGGREGATOR_PASSWORD") == "s3cret"
    patch(root, "logging", LOG_AGGREGATOR_PASSWORD="")
    assert root.get(f"{URL}logging/").json()["LOG_AGGREGATOR_PASSWORD"] == ""


def test_put_needs_the_required_settings(root):
    answer = root.put(f"{URL}ui/", {"CUSTOM_LOGIN_INFO": "x"}, format="json")
    assert (answer.status_code, sorted(answer.json())) == (400, ["MAX_UI_JOB_EVENTS", "UI_LIVE_UPDATES_ENABLED"])
    body = {"MAX_UI_JOB_EVENTS": 200, "UI_LIVE_UPDATES_ENABLED": False}
    assert root.put(f"{URL}all/", root.get(f"{URL}all/").json() | body, format="json").status_code == 200
    assert live.get("MAX_UI_JOB_EVENTS") == 200


def test_superusers_change_auditors_read_others_nothing(api, root):
    auditor = User.objects.create_user("aud", is_system_auditor=True)
    assert api(auditor).get(f"{URL}ui/").status_code == 200
    assert patch(api(auditor), "ui", CUSTOM_LOGIN_INFO="x").status_code == 403
    plain = User.objects.create_user("plain")
    assert api(plain).get(f"{URL}ui/").status_code == 403
    assert api(plain).options(f"{URL}ui/").status_code == 403
    assert api().get(URL).status_code == 401


def test_an_unknown_category_is_404_and_post_is_not_for_settings(root):
    assert root.get(f"{URL}bananas/").status_code == 404
    assert root.post(f"{URL}ui/", {}, format="json").status_code == 405


def test_options_show_type_default_and_limits(root):
    actions = root.options(f"{URL}authentication/").json()["actions"]
    assert set(actions) == {"GET", "PUT"}
    cookie = actions["PUT"]["SESSION_COOKIE_AGE"]
    assert (cookie["type"], cookie["default"], cookie["min_value"], cookie["required"]) == ("integer", 1800, 60, True)
    assert "AUTHENTICATION_BACKENDS" not in actions["PUT"]
    assert actions["PUT"]["OAUTH2_PROVIDER"]["child"]["type"] == "integer"


def test_the_logging_test_needs_logging_and_a_collector(root):
    test = f"{URL}logging/test/"
    assert root.post(test, {}, format="json").status_code == 409
    services.change({"LOG_AGGREGATOR_ENABLED": True})
    assert root.post(test, {}, format="json").status_code == 400
    services.change(
        {
            "LOG_AGGREGATOR_TYPE": "other",
            "LOG_AGGREGATOR_HOST": "169.254.169.254",
            "LOG_AGGREGATOR_PROTOCOL": "tcp",
            "LOG_AGGREGATOR_PORT": 80,
        }
    )
    for host in ("169.254.169.254", "::ffff:169.254.169.254"):
        services.change({"LOG_AGGREGATOR_HOST": f"[{host}]" if ":" in host else host})
        assert "Link-local" in root.post(test, {}, format="json").json()["error"]
    for host in ("http://[", "a..b", f"{'a' * 64}.example"):
        services.change({"LOG_AGGREGATOR_HOST": host})
        assert root.post(test, {}, format="json").status_code == 400


def test_the_installation_keeps_its_id(root):
    first = live.get("INSTALL_UUID")
    live.forget()
    assert live.get("INSTALL_UUID") == first
    assert root.get(f"{URL}changed/").json()["INSTALL_UUID"] == first


def test_reading_a_setting_again_asks_nobody(django_assert_num_queries):
    live.get("SESSION_COOKIE_AGE")
    with django_assert_num_queries(0):
        assert live.get("SESSION_COOKIE_AGE") == 1800


def test_callers_cannot_change_the_defaults():
    live.get("AD_HOC_COMMANDS").append("evil")
    assert "evil" not in live.get("AD_HOC_COMMANDS")


def test_the_root_shows_what_the_login_page_needs(root, api):
    patch(root, "ui", CUSTOM_LOGIN_INFO="hello")
    body = api().get("/api/").json()
    assert (body["custom_login_info"], body["custom_logo"], body["login_redirect_override"]) == ("hello", "", "")
