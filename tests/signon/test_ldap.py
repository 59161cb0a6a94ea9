"""Sign-on against a real directory."""

from __future__ import annotations

import logging
import socket

import pytest
from django.test import Client

from apps.conf import services
from apps.identity.models import Organization, Team, User
from apps.identity.sso.ldap import connection as connections
from apps.oauth.models import OAuth2Application
from apps.rbac.models import RoleUserAssignment

from .conftest import GROUPS, PEOPLE, basic, me

STAFF, BOSSES, BANNED = (f"cn={name},{GROUPS}" for name in ("staff", "bosses", "banned"))
EVERYBODY, CIRCLE = (f"cn={name},{GROUPS}" for name in ("everybody", "circle"))


def roles_of(name: str) -> set[tuple[str, str]]:
    """(object, role) of a user."""
    rows = RoleUserAssignment.objects.filter(user__username=name).select_related("content_type", "object_role")
    kinds = {"organization": Organization, "team": Team}
    return {(kinds[r.content_type.model].objects.get(pk=r.object_id).name, r.object_role.role_field) for r in rows}


def test_a_person_of_the_directory_signs_on_and_is_made_once(ldap):
    ldap()
    first, second = me("ann").json()["results"][0], me("ann").json()["results"][0]
    assert first["id"] == second["id"]
    assert (first["first_name"], first["last_name"], first["email"]) == ("ann", "Of-ann", "ann@example.org")
    assert (first["ldap_dn"], first["external_account"]) == (f"uid=ann,{PEOPLE}", "ldap")
    assert not User.objects.get(username="ann").has_usable_password()


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong"),
        ("nobody", "Pw-nobody"),
        ("*", "Pw-ann"),
        ("a*", "Pw-ann"),
        ("ann)(uid=*", "Pw-ann"),
        ("ann\0", "Pw-ann"),
        ("", "x"),
    ],
)
def test_wrong_names_and_passwords_are_refused(ldap, name, password):
    ldap()
    assert me(name, password).status_code == 401
    assert not User.objects.exists()


@pytest.mark.parametrize("way", [{}, {"USER_SEARCH": [], "USER_DN_TEMPLATE": f"uid=%(user)s,{PEOPLE}"}])
def test_an_empty_password_is_never_a_bind_without_one(ldap, way):
    ldap(**way)
    answer = Client().post("/api/login/", {"username": "ann", "password": ""})
    client = basic("ann")
    client.credentials(HTTP_AUTHORIZATION="Basic YW5uOg==")
    assert (answer.status_code, client.get("/api/v2/me/").status_code) == (401, 401)


def test_the_template_makes_the_dn_and_escapes_the_name(ldap):
    ldap(USER_SEARCH=[], USER_DN_TEMPLATE=f"uid=%(user)s,{PEOPLE}")
    assert me("ann").status_code == 200
    assert me("ann,ou=people", "Pw-ann").status_code == 401


def test_several_searches_are_one_and_an_ambiguous_name_counts_for_nobody(ldap):
    here = [PEOPLE, "SCOPE_ONELEVEL", "(uid=%(user)s)"]
    ldap(USER_SEARCH=[[GROUPS, "SCOPE_SUBTREE", "(cn=%(user)s)"], here])
    assert me("ann").status_code == 200
    ldap(USER_SEARCH=[PEOPLE, "SCOPE_SUBTREE", "(|(uid=%(user)s)(uid=bob))"])
    assert me("ann", "Pw-ann").status_code == 401


def test_capitals_make_no_second_user(ldap):
    ldap()
    assert me("ann").status_code == 200
    assert me("ANN", "Pw-ann").json()["results"][0]["username"] == "ann"
    assert User.objects.count() == 1


def test_login_page_and_password_grant_take_the_directorys_passwords(ldap):
    ldap()
    browser = Client()
    assert browser.post("/api/login/", {"username": "ann", "password": "Pw-ann"}).status_code == 302
    assert browser.get("/api/v2/me/").json()["results"][0]["username"] == "ann"
    home = Organization.objects.create(name="o")
    OAuth2Application.objects.create(
        name="app", organization=home, client_type="public", authorization_grant_type="password", client_id="app-1"
    )
    grant = {"grant_type": "password", "client_id": "app-1", "username": "ann", "password": "Pw-ann"}
    assert Client().post("/api/o/token/", grant).status_code == 403
    assert basic("ann").post("/api/v2/tokens/", {}, format="json").status_code == 403
    services.change({"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": True})
    assert Client().post("/api/o/token/", grant).json()["access_token"]
    assert basic("ann").post("/api/v2/tokens/", {}, format="json").status_code == 201


def test_a_local_user_is_never_taken_over_and_his_password_stays_here(ldap, admin):
    ldap(USER_FLAGS_BY_GROUP={"is_superuser": [STAFF]})
    assert me("admin", "admin").status_code == 200
    assert me("admin", "Pw-admin").status_code == 401
    User.objects.create_user("Bob", password="local")
    assert me("Bob", "Pw-bob").status_code == 401
    local = User.objects.get(username="admin")
    assert (local.external_source, local.ldap_dn) == ("", "")


def test_a_local_user_whose_name_differs_in_capitals_keeps_his_account(ldap):
    ldap()
    User.objects.create_user("ann", password="local")
    assert me("ANN", "Pw-ann").status_code == 401
    assert User.objects.get(username="ann").external_source == ""


@pytest.mark.parametrize(("group", "kind", "ann", "bob"), [
    (STAFF, "MemberDNGroupType", 200, 200),
    (BOSSES, "GroupOfNamesType", 200, 401),
    (BOSSES, "ActiveDirectoryGroupType", 200, 401),
    (EVERYBODY, "GroupOfNamesType", 401, 401),
    (EVERYBODY, "NestedGroupOfNamesType", 200, 200),
    (EVERYBODY, "NestedMemberDNGroupType", 200, 200),
    (CIRCLE, "NestedActiveDirectoryGroupType", 200, 200),
    (f"cn=unique,{GROUPS}", "GroupOfUniqueNamesType", 200, 401),
    (f"cn=unique,{GROUPS}", "NestedGroupOfUniqueNamesType", 200, 401),
    (f"cn=occupants,{GROUPS}", "OrganizationalRoleGroupType", 200, 401),
    (f"cn=occupants,{GROUPS}", "NestedOrganizationalRoleGroupType", 200, 401),
    (f"cn=posix,{GROUPS}", "PosixGroupType", 200, 401),
    (f"cn=primary,{GROUPS}", "PosixGroupType", 401, 200),
    (f"cn=posix,{GROUPS}", "PosixUIDGroupType", 200, 401),
    (f"CN=Staff, OU=groups,{GROUPS.partition(',')[2]}", "MemberDNGroupType", 200, 200),
    (f"cn=nothing,{GROUPS}", "MemberDNGroupType", 401, 401),
])  # fmt: skip
def test_the_required_group_is_read_by_every_type(ldap, group, kind, ann, bob):
    ldap(REQUIRE_GROUP=group, GROUP_TYPE=kind)
    assert (me("ann").status_code, me("bob").status_code) == (ann, bob)


def test_members_of_the_denied_group_stay_outside(ldap):
    ldap(DENY_GROUP=BANNED)
    assert (me("eve").status_code, me("ann").status_code) == (401, 200)


def test_flags_follow_the_groups_at_every_sign_on(ldap, slapd, forgotten):
    from apps.identity.authentication import verified

    ldap(USER_FLAGS_BY_GROUP={"is_superuser": [BOSSES], "is_system_auditor": [STAFF]})
    ann = me("ann").json()["results"][0]
    assert (ann["is_superuser"], ann["is_system_auditor"]) == (True, True)
    assert not me("bob").json()["results"][0]["is_superuser"]
    change = f"dn: {BOSSES}\nchangetype: modify\n"
    slapd.modify(f"{change}replace: member\nmember: uid=bob,{PEOPLE}\n")
    try:
        verified.clear()
        assert not me("ann").json()["results"][0]["is_superuser"]
        assert me("bob").json()["results"][0]["is_superuser"]
    finally:
        slapd.modify(f"{change}replace: member\nmember: uid=ann,{PEOPLE}\n")


def test_maps_make_organizations_and_teams_and_change_memberships_both_ways(ldap):
    from apps.identity.authentication import verified

    kept = Organization.objects.create(name="Kept")
    ldap(
        ORGANIZATION_MAP={
            "All": {"users": True, "admins": BOSSES, "auditors": [BANNED, STAFF]},
            "Kept": {"users": BOSSES, "remove_users": False},
        },
        TEAM_MAP={"ops": {"organization": "All", "users": [STAFF]}, "evil": {"organization": "All", "users": BANNED}},
    )
    assert (me("ann").status_code, me("bob").status_code, me("eve").status_code) == (200, 200, 200)
    everybody = {("All", "member_role"), ("All", "auditor_role")}
    assert roles_of("ann") == everybody | {("All", "admin_role"), ("ops", "member_role"), ("Kept", "member_role")}
    assert roles_of("bob") == everybody | {("ops", "member_role")}
    assert roles_of("eve") == everybody | {("evil", "member_role")}
    ldap(
        ORGANIZATION_MAP={
            "All": {"users": False, "admins": None, "auditors": []},
            "Kept": {"users": BANNED, "remove_users": False},
        },
        TEAM_MAP={"ops": {"organization": "All", "users": BANNED}},
    )
    verified.clear()
    assert me("ann").status_code == 200
    assert roles_of("ann") == {("All", "admin_role"), ("Kept", "member_role")}
    assert Organization.objects.get(pk=kept.pk).name == "Kept"


def test_further_directories_are_asked_in_order_and_a_silent_one_is_passed_over(ldap, caplog):
    ldap(SERVER_URI="ldap://127.0.0.1:1", BIND_PASSWORD="Very-secret-1")
    ldap(prefix="AUTH_LDAP_1_", USER_SEARCH=[GROUPS, "SCOPE_SUBTREE", "(uid=%(user)s)"])
    ldap(prefix="AUTH_LDAP_3_")
    with caplog.at_level(logging.DEBUG):
        assert me("ann").status_code == 200
    assert "AUTH_LDAP cannot be used: ldap://127.0.0.1:1" in caplog.text
    assert "Very-secret-1" not in caplog.text
    assert "Pw-ann" not in caplog.text


def test_the_second_server_of_a_directory_is_tried(ldap, slapd):
    ldap(SERVER_URI=f"ldap://127.0.0.1:1, {slapd.url}")
    assert me("ann").status_code == 200


def test_local_users_keep_working_while_the_directory_is_down(ldap, admin):
    ldap(SERVER_URI="ldap://127.0.0.1:1")
    assert me("admin", "admin").status_code == 200
    assert me("ann").status_code == 401


def test_a_server_that_takes_connections_and_says_nothing_does_not_stop_the_next_one(ldap, slapd, monkeypatch):
    monkeypatch.setattr(connections, "_silent", {})
    monkeypatch.setattr(connections, "SLOW_SECONDS", 0.5)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        silent = f"ldap://127.0.0.1:{mute.getsockname()[1]}"
        ldap(SERVER_URI=f"{silent},{slapd.url}", CONNECTION_OPTIONS={"OPT_NETWORK_TIMEOUT": 1, "OPT_TIMEOUT": 1})
        assert me("ann").status_code == 200
        assert list(connections._silent) == [silent]


def test_a_silent_server_is_passed_over_for_a_moment(ldap, slapd, caplog, monkeypatch):
    asked = []

    def silent(directory, uri):
        asked.append(uri)
        raise TimeoutError

    monkeypatch.setattr(connections, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(connections, "_silent", {})
    with monkeypatch.context() as patch:
        patch.setattr(connections, "connect", silent)
        ldap()
        assert [me("ann").status_code for _ in range(3)] == [401, 401, 401]
    assert asked == [slapd.url]
    assert "was silent a moment ago" in caplog.text
    monkeypatch.setattr(connections, "_silent", {})
    assert me("ann").status_code == 200


def test_a_password_may_be_set_once_no_directory_is_left(ldap, admin, api):
    ldap()
    url = f"/api/v2/users/{me('ann').json()['results'][0]['id']}/"
    assert api(admin).patch(url, {"password": "Local-pw-1"}, format="json").status_code == 400
    services.change({"AUTH_LDAP_SERVER_URI": ""})
    assert me("ann", "Pw-ann").status_code == 401
    assert api(admin).patch(url, {"password": "Local-pw-1"}, format="json").status_code == 200
    assert me("ann", "Local-pw-1").status_code == 200


def test_a_wrong_bind_password_is_told_to_the_log_alone(ldap, caplog):
    ldap(BIND_PASSWORD="Wrong-1")
    assert me("ann").status_code == 401
    assert "refuses the bind DN" in caplog.text
    assert "Wrong-1" not in caplog.text


@pytest.mark.parametrize("tls", ["ldaps", "start"])
def test_certificates_are_verified_unless_the_options_say_never(ldap, slapd, tls):
    way = {"SERVER_URI": slapd.tls_url} if tls == "ldaps" else {"START_TLS": True}
    ldap(**way)
    assert me("ann").status_code == 401
    ldap(**way, CONNECTION_OPTIONS={"OPT_X_TLS_CACERTFILE": str(slapd.certificate)})
    assert me("ann").status_code == 200
    ldap(**way, CONNECTION_OPTIONS={"OPT_X_TLS_REQUIRE_CERT": 0})
    assert me("bob").status_code == 200


def test_addresses_that_nobody_may_make_us_call_are_not_called(ldap, caplog):
    ldap(SERVER_URI="ldap://169.254.169.254")
    assert me("ann").status_code == 401
    assert "Calls to 169.254.169.254 are not allowed" in caplog.text


def test_what_the_directory_keeps_is_not_changed_here(ldap, admin, api):
    ldap()
    pk = me("ann").json()["results"][0]["id"]
    url = f"/api/v2/users/{pk}/"
    for field in ("first_name", "username", "password"):
        answer = api(admin).patch(url, {field: "other"}, format="json")
        assert (answer.status_code, list(answer.json())) == (400, [field])
    assert api(admin).patch(url, {"is_superuser": True, "first_name": "ann"}, format="json").status_code == 200


def test_an_account_that_is_switched_off_here_stays_outside(ldap):
    from apps.identity.authentication import verified

    ldap()
    assert me("ann").status_code == 200
    User.objects.update(is_active=False)
    assert me("ann").status_code == 401
    verified.clear()
    assert me("ann").status_code == 401


def test_failed_sign_ons_slow_down_further_ones(ldap, settings):
    settings.LOGIN_FAILURES_PER_NAME = 2
    ldap()
    assert [me("ann", "x").status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SERVER_URI", "http://host"),
        ("BIND_DN", "no dn"),
        ("USER_SEARCH", ["ou=x", "SCOPE_SUBTREE"]),
        ("USER_SEARCH", ["ou=x", "SCOPE_SUBTREE", "(uid=x)"]),
        ("USER_SEARCH", ["ou=x", "SCOPE_SUBTREE", "(uid=%(user)s"]),
        ("USER_SEARCH", ["ou=x", "DEEP", "(uid=%(user)s)"]),
        ("GROUP_SEARCH", [["ou=x", "SCOPE_SUBTREE", 5]]),
        ("USER_DN_TEMPLATE", "uid=x,ou=people"),
        ("USER_ATTR_MAP", {"password": "userPassword"}),
        ("USER_FLAGS_BY_GROUP", {"is_staff": ["cn=x"]}),
        ("USER_FLAGS_BY_GROUP", {"is_superuser": ["nonsense"]}),
        ("GROUP_TYPE_PARAMS", {"member_attr": "a)(b"}),
        ("ORGANIZATION_MAP", {"o": {"people": True}}),
        ("ORGANIZATION_MAP", {"o": {"users": 5}}),
        ("TEAM_MAP", {"t": {"users": True}}),
        ("CONNECTION_OPTIONS", {"timeout": 5}),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(admin, api, key, value):
    answer = api(admin).patch("/api/v2/settings/ldap/", {f"AUTH_LDAP_2_{key}": value}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [f"AUTH_LDAP_2_{key}"])


def test_one_group_may_be_given_as_text(admin, api):
    body = {"AUTH_LDAP_USER_FLAGS_BY_GROUP": {"is_superuser": STAFF}}
    answer = api(admin).patch("/api/v2/settings/ldap/", body, format="json")
    assert answer.json()["AUTH_LDAP_USER_FLAGS_BY_GROUP"] == {"is_superuser": [STAFF]}
