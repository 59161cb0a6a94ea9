"""The collection's modules about who: organizations, users, teams, roles, tokens, settings, labels."""

from tests.clients.collection import CHANGED, FAILED, SAME, Step, check

ORG = {"name": "C-org"}
TEAM = {"name": "C-team", "organization": "C-org"}
USER = {"username": "c-ann", "password": "Pw-ann-1", "email": "ann@example.com"}


def test_organizations_users_and_teams_come_stay_and_go(server, tmp_path):
    check(server, tmp_path, [
        Step("organization", {**ORG, "description": "one"}),
        Step("organization", {**ORG, "description": "one"}, SAME),
        Step("organization", {**ORG, "description": "two", "max_hosts": 0}),
        Step("organization", {**ORG, "galaxy_credentials": ["Ansible Galaxy"], "instance_groups": ["default"]}),
        Step("organization", {**ORG, "galaxy_credentials": ["Ansible Galaxy"], "instance_groups": ["default"]}, SAME),
        Step("organization", {**ORG, "state": "exists"}, SAME),
        Step("organization", {"name": "C-org", "new_name": "C-org"}, SAME),
        Step("team", TEAM),
        Step("team", TEAM, SAME),
        Step("team", {**TEAM, "new_name": "C-team2"}),
        Step("team", {**TEAM, "name": "C-team2", "new_name": "C-team"}),
        Step("user", USER),
        Step("user", {**USER, "update_secrets": False}, SAME),
        Step("user", {"username": "c-ann", "first_name": "Ann"}),
        Step("user", {"username": "c-ann", "is_superuser": True}),
        Step("user", {"username": "c-ann", "is_superuser": False, "organization": "C-org"}),
        Step("user", {"username": "c-ann", "state": "exists"}, SAME),
        Step("team", {**TEAM, "organization": "nowhere"}, FAILED, "nowhere"),
        Step("user", {"username": "c-ann", "state": "absent"}),
        Step("user", {"username": "c-ann", "state": "absent"}, SAME),
        Step("team", {**TEAM, "state": "absent"}),
        Step("organization", {**ORG, "state": "absent"}),
        Step("organization", {**ORG, "state": "absent"}, SAME),
    ])  # fmt: skip


def test_roles_and_role_definitions_are_given_and_taken(server, tmp_path):
    bob, inventory = {"username": "c-bob", "password": "Pw-bob-1"}, {"name": "C-inv", "organization": "C-rights"}
    looker = {"name": "C-looker", "permissions": ["awx.view_inventory"], "content_type": "awx.inventory"}
    given = {"role_definition": "C-looker", "user": "c-bob", "object_id": "{{ s3.id }}"}
    check(server, tmp_path, [
        Step("organization", {"name": "C-rights"}),
        Step("team", {"name": "C-t", "organization": "C-rights"}),
        Step("user", bob),
        Step("inventory", inventory),
        Step("role", {"user": "c-bob", "role": "member", "organizations": ["C-rights"]}),
        Step("role", {"user": "c-bob", "role": "use", "inventories": ["C-inv"]}),
        Step("role", {"user": "c-bob", "role": "use", "inventories": ["C-inv"]}, SAME),
        Step("role", {"user": "c-bob", "role": "use", "inventories": ["C-inv"], "state": "absent"}),
        Step("role", {"user": "c-bob", "role": "use", "inventories": ["C-inv"], "state": "absent"}, SAME),
        Step("role", {"team": "C-t", "role": "admin", "inventories": ["C-inv"]}),
        Step("role", {"team": "C-t", "role": "admin", "inventories": ["C-inv"]}, SAME),
        Step("role", {"user": "c-bob", "role": "member", "target_team": "C-t"}),
        Step("role_definition", looker),
        Step("role_definition", looker, SAME),
        Step("role_definition", {**looker, "permissions": ["awx.view_inventory", "awx.update_inventory"]}),
        Step("role_user_assignment", given),
        Step("role_user_assignment", given, SAME),
        Step("role_team_assignment", {"role_definition": "C-looker", "team": "C-t", "object_id": "{{ s3.id }}"}),
        Step("role_team_assignment", {"role_definition": "C-looker", "team": "C-t", "object_id": "{{ s3.id }}"}, SAME),
        Step("role_user_assignment", {"role_definition": "C-looker", "user": "c-bob", "object_id": "{{ s3.id }}",
                                      "state": "absent"}),
        Step("role_team_assignment", {"role_definition": "C-looker", "team": "C-t", "object_id": "{{ s3.id }}",
                                      "state": "absent"}),
        Step("role_definition", {**looker, "state": "absent"}),
        Step("organization", {"name": "C-rights", "state": "absent"}),
        Step("user", {**bob, "state": "absent"}),
    ])  # fmt: skip


def test_applications_tokens_settings_and_labels(server, tmp_path):
    app = {"name": "C-app", "organization": "Default", "authorization_grant_type": "password",
           "client_type": "confidential"}  # fmt: skip
    check(server, tmp_path, [
        Step("application", app),
        Step("application", app, SAME),
        Step("application", {**app, "description": "more"}),
        Step("token", {"description": "of C", "scope": "write"}),
        Step("token", {"existing_token": "{{ s3.ansible_facts.controller_token }}", "state": "absent"}),
        Step("token", {"application": "C-app", "scope": "read"}),
        Step("token", {"existing_token_id": "{{ s5.ansible_facts.controller_token.id }}", "state": "absent"}),
        Step("application", {**app, "state": "absent"}),
        Step("label", {"name": "C-label", "organization": "Default"}),
        Step("label", {"name": "C-label", "organization": "Default"}, SAME),
        Step("settings", {"name": "AWX_TASK_ENV", "value": {"C": "1"}}),
        Step("settings", {"name": "AWX_TASK_ENV", "value": {"C": "1"}}, SAME),
        Step("settings", {"settings": {"AWX_TASK_ENV": {}, "SESSION_COOKIE_AGE": 1800}}, CHANGED),
        Step("settings", {"name": "NO_SUCH_SETTING", "value": "1"}, FAILED),
        Step("controller_meta", {}, SAME),
        Step("license", {"state": "absent"}, SAME),
    ])  # fmt: skip
