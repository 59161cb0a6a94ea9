"""Every resource is made, listed, read by name, changed and deleted by the awx command."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow
RULE = "DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=3"
HOOK = {"url": "http://127.0.0.1:9/", "headers": {}, "http_method": "POST"}
DEMO = "the demonstration's template"  # the command knows no names for unified templates, so tests put the id here
ORGANIZATION = {"organization": "Kit organization"}
LOGIN = {"fields": [{"id": "who", "label": "Who", "type": "string"}]}

# resource: (what makes it, what changes it). Names become ids in the command itself.
NAMED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "teams": (ORGANIZATION, {"description": "d"}),
    "inventory": ({**ORGANIZATION, "variables": {"a": 1}}, {"variables": {"a": 2}}),
    "constructed_inventory": ({**ORGANIZATION, "source_vars": "plugin: constructed"}, {"limit": "web"}),
    "hosts": ({"inventory": "Demo Inventory", "variables": {"a": 1}}, {"enabled": False}),
    "groups": ({"inventory": "Demo Inventory"}, {"variables": {"b": 2}}),
    "inventory_sources": (
        {"inventory": "Demo Inventory", "source": "scm", "source_project": "Demo Project", "source_path": "hosts"},
        {"overwrite": True},
    ),
    "projects": ({**ORGANIZATION, "scm_type": "git", "scm_url": "https://127.0.0.1:9/x.git"}, {"scm_clean": True}),
    "job_templates": (
        {"project": "Demo Project", "inventory": "Demo Inventory", "playbook": "hello_world.yml",
         "extra_vars": {"a": 1}, "verbosity": 1},
        {"job_type": "check", "ask_limit_on_launch": True},
    ),
    "workflow_job_templates": ({**ORGANIZATION, "extra_vars": {"a": 1}}, {"limit": "web"}),
    "schedules": ({"unified_job_template": DEMO, "rrule": RULE}, {"enabled": False}),
    "notification_templates": (
        {**ORGANIZATION, "notification_type": "webhook", "notification_configuration": HOOK},
        {"description": "d"},
    ),
    "credential_types": ({"kind": "cloud", "inputs": LOGIN}, {"injectors": {"env": {"WHO": "{{ who }}"}}}),
    "credentials": (
        {**ORGANIZATION, "credential_type": "Machine", "inputs": {"username": "u", "password": "p"}},
        {"inputs": {"username": "v"}},
    ),
    "execution_environments": ({**ORGANIZATION, "image": "quay.io/x/y:1"}, {"pull": "never"}),
    "instance_groups": ({}, {"max_forks": 7}),
    "applications": (
        {**ORGANIZATION, "client_type": "public", "authorization_grant_type": "password"},
        {"description": "d"},
    ),
}  # fmt: skip


def flags(fields: dict[str, Any]) -> list[str]:
    """The fields as the command takes them."""
    words = []
    for key, value in fields.items():
        words += [f"--{key}", json.dumps(value) if isinstance(value, dict | bool) else str(value)]
    return words


@pytest.mark.usefixtures("organization")
@pytest.mark.parametrize("resource", NAMED)
def test_a_named_resource_is_made_listed_read_changed_and_deleted(awx, resource, demo):
    make, change = NAMED[resource]
    name = f"Kit {resource}"
    words = ["create", "--name", name, *[demo["id"] if word == DEMO else word for word in flags(make)]]
    made = awx(resource, *words)
    assert "already exists" in awx.text(resource, *words, status=1)  # by these words clients know what is there already
    assert awx.ids(resource, "--name", name) == [made["id"]]
    changed = awx(resource, "modify", name, *flags(change))
    assert changed["id"] == made["id"]
    read = awx(resource, "get", name)
    for key, value in change.items():
        found = json.loads(read[key]) if key in ("variables", "extra_vars") else read[key]
        assert found == value
    awx.text(resource, "delete", name)
    assert "Could not find any" in awx.text(resource, "get", name, status=2, errors=True)


def test_resources_without_names_are_made_and_changed(awx, organization):
    token = awx("tokens", "create", "--description", "Kit token", "--scope", "read")
    assert awx("tokens", "modify", token["id"], "--description", "d")["description"] == "d"
    awx.text("tokens", "delete", token["id"])
    label = awx("labels", "create", "--name", "Kit label", "--organization", organization["id"])
    assert awx("labels", "modify", label["id"], "--name", "Kit other")["name"] == "Kit other"
    vault = awx(
        "credentials", "create", "--name", "Kit lookup", "--credential_type", "CyberArk Conjur Secrets Manager Lookup",
        "--organization", organization["id"], "--inputs",
        "{url: 'http://127.0.0.1:9', api_key: k, account: a, username: u}",
    )  # fmt: skip
    machine = awx("credentials", "create", "--name", "Kit target", "--credential_type", "Machine",
                  "--organization", organization["id"])  # fmt: skip
    source = awx(
        "credential_input_sources", "create", "--input_field_name", "password", "--target_credential", machine["id"],
        "--source_credential", vault["id"], "--metadata", "{secret_path: a/b}",
    )  # fmt: skip
    changed = awx("credential_input_sources", "modify", source["id"], "--metadata", "{secret_path: c}")
    assert changed["metadata"] == {"secret_path": "c"}
    awx.text("credential_input_sources", "delete", source["id"])


def test_workflow_nodes_are_made_and_changed(awx, organization, demo):
    workflow = awx("workflow_job_templates", "create", "--name", "Kit nodes", "--organization", organization["id"])
    node = awx("workflow_job_template_nodes", "create", "--workflow_job_template", workflow["id"],
               "--unified_job_template", demo["id"], "--identifier", "first")  # fmt: skip
    changed = awx("workflow_job_template_nodes", "modify", node["id"], "--all_parents_must_converge", "true")
    assert changed["all_parents_must_converge"] is True
    assert awx.ids("node", "--identifier", "first") == [node["id"]]
    awx.text("workflow_job_template_nodes", "delete", node["id"])
    awx.text("workflow", "delete", "Kit nodes")


def test_hosts_come_and_go_in_bulk(awx, organization):
    inventory = awx("inventory", "create", "--name", "Kit bulk", "--organization", organization["id"])["id"]
    made = awx("bulk", "host_create", "--inventory", inventory, "--hosts", '[{"name": "b1"}, {"name": "b2"}]')
    assert [host["name"] for host in made["hosts"]] == ["b1", "b2"]
    ids = awx.ids("hosts", "--inventory", inventory)
    awx.text("bulk", "host_delete", "--hosts", json.dumps(ids))
    assert awx.ids("hosts", "--inventory", inventory) == []


@pytest.mark.parametrize(
    "resource",
    ["activity_stream", "analytics", "host_metric_summary_monthly", "instances", "inventory_updates", "notifications",
     "project_updates", "receptor_addresses", "roles", "role_definitions", "role_team_assignments", "service_index",
     "role_user_assignments", "system_job_templates", "system_jobs", "unified_job_templates", "unified_jobs",
     "workflow_approvals", "workflow_job_nodes", "workflow_jobs", "bulk"],
)  # fmt: skip
def test_what_is_only_read_is_listed(awx, resource):
    answer = awx(resource, "list")
    assert answer.get("results", answer) is not None


def test_the_pages_about_the_server_itself_are_read(awx):
    assert awx("ping")["version"]
    assert awx("me")["results"][0]["username"] == "admin"
    assert "nodes" in awx("mesh_visualizer")
    assert awx("metrics")
    assert awx("config")["base_url"] == awx.server.url


def test_errors_are_told_and_end_with_a_status(awx):
    awx("organizations", "create", "--name", "Kit twice")
    again = awx.text("organizations", "create", "--name", "Kit twice", status=1)
    assert "already exists" in again
    assert "not found" in awx.text("jobs", "get", 99999999, status=1).lower()
    awx.text("organizations", "delete", "Kit twice")
