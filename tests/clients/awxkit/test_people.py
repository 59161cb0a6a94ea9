"""Logins, tokens, rights and settings by the awx command."""

import pytest

from tests.clients.awxkit.conftest import Awx

pytestmark = pytest.mark.slow
PASSWORD = "Kit-pw-1-word"


@pytest.fixture(scope="module")
def kit(awx, organization):
    """A plain user, as the command knows him; he belongs to nothing yet."""
    awx("users", "create", "--username", "kit", "--password", PASSWORD, "--email", "kit@example.com")
    yield Awx(awx.server, {"CONTROLLER_USERNAME": "kit", "CONTROLLER_PASSWORD": PASSWORD})
    awx.text("users", "delete", "kit")


def roles(awx, kind, name):
    """Which roles on what somebody has, but for those that every account has."""
    rows = awx.server.call("GET", f"/api/v2/{kind}/{awx(kind, 'get', name)['id']}/roles/").json()["results"]
    return sorted((row["summary_fields"].get("resource_name"), row["name"]) for row in rows)


def test_login_gives_a_token_which_is_all_that_the_command_then_needs(awx, kit):
    printed = kit.text("login", "--description", "from the command", form="human")
    token = printed.strip().removeprefix("export CONTROLLER_OAUTH_TOKEN=")
    by_token = Awx(awx.server, {"CONTROLLER_OAUTH_TOKEN": token})
    assert by_token("me")["results"][0]["username"] == "kit"
    assert awx("tokens", "list", "--description", "from the command")["count"] == 1
    assert "Valid credentials" in Awx(awx.server, {"CONTROLLER_OAUTH_TOKEN": "wrong"}).text("me", status=1, errors=True)


def test_login_through_an_application_and_with_a_narrow_scope(awx, kit, organization):
    application = awx(
        "applications", "create", "--name", "Kit app", "--organization", organization["id"],
        "--client_type", "confidential", "--authorization_grant_type", "password",
    )  # fmt: skip
    client = ["--conf.client_id", application["client_id"], "--conf.client_secret", application["client_secret"]]
    token = kit("login", *client, "--conf.scope", "read")["token"]
    reader = Awx(awx.server, {"CONTROLLER_OAUTH_TOKEN": token})
    assert reader("me")["results"][0]["username"] == "kit"
    assert "scope" in reader.text("tokens", "create", "--description", "d", status=1).lower()
    awx.text("applications", "delete", application["id"])


def test_a_wrong_password_is_told(awx, kit):
    wrong = Awx(awx.server, {"CONTROLLER_USERNAME": "kit", "CONTROLLER_PASSWORD": "wrong"})
    assert "Valid credentials were not provided" in wrong.text("organizations", "list", status=1, errors=True)


def test_a_plain_user_is_offered_what_he_may_do(kit):
    assert "invalid choice" in kit.text("organizations", "create", "--name", "x", status=2, errors=True)
    assert kit("organizations", "list")["count"] == 0


@pytest.mark.parametrize(
    "asked",
    [("organization", "organizations", "auditor", "Auditor"), ("project", "projects", "update", "Update"),
     ("inventory", "inventory", "adhoc", "Ad Hoc"), ("job_template", "job_templates", "execute", "Execute"),
     ("workflow_job_template", "workflow_job_templates", "approval", "Approve"),
     ("instance_group", "instance_groups", "use", "Use")],
)  # fmt: skip
def test_roles_are_granted_and_revoked(awx, kit, organization, asked):
    flag, resource, role, shown = asked
    extra = [] if resource in ("organizations", "instance_groups") else ["--organization", organization["id"]]
    if resource == "projects":
        extra += ["--scm_type", "git", "--scm_url", "https://127.0.0.1:9/x.git"]
    if resource == "job_templates":
        extra = ["--project", "Demo Project", "--inventory", "Demo Inventory", "--playbook", "hello_world.yml"]
    name = f"Kit {flag} to grant"
    made = awx(resource, "create", "--name", name, *extra)
    awx.text("users", "grant", "kit", "--role", role, f"--{flag}", name)
    assert (name, shown) in roles(awx, "users", "kit")
    assert kit(resource, "get", made["id"])["name"] == name
    awx.text("users", "revoke", "kit", "--role", role, f"--{flag}", name)
    assert (name, shown) not in roles(awx, "users", "kit")
    awx.text(resource, "delete", made["id"])


def test_teams_have_roles_and_members(awx, kit, organization):
    awx("teams", "create", "--name", "Kit team", "--organization", organization["id"])
    awx.text("users", "grant", "kit", "--role", "member", "--team", "Kit team")
    awx.text("teams", "grant", "Kit team", "--role", "use", "--inventory", "Demo Inventory")
    assert ("Demo Inventory", "Use") in roles(awx, "teams", "Kit team")
    assert [row["name"] for row in kit("inventory", "list")["results"]] == ["Demo Inventory"]
    awx.text("teams", "revoke", "Kit team", "--role", "use", "--inventory", "Demo Inventory")
    assert kit("inventory", "list")["count"] == 0
    assert "must be one of" in awx.text(
        "teams", "grant", "Kit team", "--role", "adhoc", "--project", "Demo Project", status=1, errors=True
    )


def test_assignments_of_role_definitions_come_and_go(awx, kit):
    definition = awx("role_definitions", "list", "--name", "Inventory Use")["results"][0]
    inventory = awx("inventory", "get", "Demo Inventory")["id"]
    given = awx("role_user_assignments", "create", "--user", "kit", "--role_definition", definition["id"],
                "--object_id", inventory)  # fmt: skip
    assert kit("inventory", "list")["count"] == 1
    awx.text("role_user_assignments", "delete", given["id"])
    assert kit("inventory", "list")["count"] == 0


def test_settings_are_listed_and_modified(awx):
    assert awx("settings", "list")["ACTIVITY_STREAM_ENABLED"] is True
    before = awx("settings", "list", "--slug", "jobs")["SCHEDULE_MAX_JOBS"]
    assert awx("settings", "modify", "SCHEDULE_MAX_JOBS", before + 1)["value"] == before + 1
    assert awx("settings", "list", "--slug", "jobs")["SCHEDULE_MAX_JOBS"] == before + 1
    assert awx("settings", "modify", "SCHEDULE_MAX_JOBS", before)["key"] == "SCHEDULE_MAX_JOBS"
    assert awx("settings", "modify", "AWX_TASK_ENV", '{"A": "b"}')["value"] == {"A": "b"}
    assert awx("settings", "modify", "AWX_TASK_ENV", "{}")["value"] == {}
    assert "integer" in awx.text("settings", "modify", "SCHEDULE_MAX_JOBS", "many", status=1)


def test_users_change_and_their_names_are_unique(awx, kit):
    assert awx("users", "modify", "kit", "--first_name", "Kit", "--is_system_auditor", "true")["is_system_auditor"]
    assert kit("organizations", "list")["count"] >= 1
    assert not awx("users", "modify", "kit", "--is_system_auditor", "false")["is_system_auditor"]
    assert "already exists" in awx.text("users", "create", "--username", "kit", "--password", PASSWORD, status=1)
