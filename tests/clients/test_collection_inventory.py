"""The collection's modules about what: credentials, inventories, hosts, groups, sources, environments, instances."""

import pytest

from tests.clients.collection import FAILED, SAME, Step, check

TYPE = {
    "name": "C-type",
    "kind": "cloud",
    "inputs": {"fields": [{"id": "key", "label": "Key", "type": "string", "secret": True}]},
    "injectors": {"env": {"C_KEY": "{% raw %}{{ key }}{% endraw %}"}},
}
INVENTORY = {"name": "C-barn", "organization": "C-what"}
HOST = {"name": "c-host", "inventory": "C-barn"}
GROUP = {"name": "c-group", "inventory": "C-barn"}


@pytest.fixture(scope="module", autouse=True)
def organization(server):
    """Everything here belongs to one organization, which takes it along in the end."""
    pk = server.call("POST", "/api/v2/organizations/", json={"name": "C-what"}).json()["id"]
    yield
    server.call("DELETE", f"/api/v2/organizations/{pk}/")


def test_credentials_their_types_and_their_sources(server, tmp_path):
    machine = {"name": "C-ssh", "credential_type": "Machine", "organization": "C-what"}
    inputs = {"username": "root", "password": "hush"}
    vault = {"name": "C-vault", "credential_type": "HashiCorp Vault Secret Lookup", "organization": "C-what"}
    link = {"target_credential": "C-ssh", "source_credential": "C-vault", "input_field_name": "password"}
    meta = {"secret_path": "/a", "secret_key": "b", "secret_backend": "kv"}
    check(server, tmp_path, [
        Step("credential_type", TYPE),
        Step("credential_type", TYPE, SAME),
        Step("credential_type", {**TYPE, "description": "more"}),
        Step("credential", {"name": "C-own", "credential_type": "C-type", "organization": "C-what",
                            "inputs": {"key": "k"}}),
        Step("credential", {**machine, "inputs": inputs}),
        Step("credential", {**machine, "inputs": inputs, "update_secrets": False}, SAME),
        Step("credential", {**machine, "inputs": {**inputs, "username": "admin"}}),
        Step("credential", {**machine, "copy_from": "C-ssh", "name": "C-ssh copy"}),
        Step("credential", {**machine, "state": "exists"}, SAME),
        Step("credential", {**machine, "inputs": {"no_such_input": "x"}}, FAILED, "no_such_input"),
        Step("credential", {**vault, "inputs": {"url": "https://vault.example.com", "token": "t"}}),
        Step("credential_input_source", {**link, "metadata": meta}),
        Step("credential_input_source", {**link, "metadata": meta}, SAME),
        Step("credential_input_source", {**link, "state": "absent"}),
        Step("credential", {**machine, "state": "absent"}),
        Step("credential", {**machine, "state": "absent"}, SAME),
        Step("credential", {"name": "C-own", "credential_type": "C-type", "organization": "C-what", "state": "absent"}),
        Step("credential_type", {"name": "C-type", "kind": "cloud", "state": "absent"}),
    ])  # fmt: skip


def test_inventories_hosts_and_groups(server, tmp_path):
    smart = {"name": "C-smart", "organization": "C-what", "kind": "smart", "host_filter": "name=c-host"}
    check(server, tmp_path, [
        Step("inventory", {**INVENTORY, "variables": {"a": 1}}),
        Step("inventory", {**INVENTORY, "variables": {"a": 1}}, SAME),
        Step("inventory", {**INVENTORY, "instance_groups": ["default"], "description": "d"}),
        Step("host", {**HOST, "variables": {"x": "y"}}),
        Step("host", {**HOST, "variables": {"x": "y"}}, SAME),
        Step("host", {**HOST, "enabled": False}),
        Step("host", {**HOST, "new_name": "c-host2"}),
        Step("host", {**HOST, "name": "c-host2", "new_name": "c-host"}),
        Step("group", {**GROUP, "hosts": ["c-host"], "variables": {"g": 1}}),
        Step("group", {**GROUP, "hosts": ["c-host"], "variables": {"g": 1}}, SAME),
        Step("bulk_host_create", {"inventory": "C-barn", "hosts": [{"name": "c-b1"}, {"name": "c-b2"}]}),
        Step("bulk_host_create", {"inventory": "C-barn", "hosts": [{"name": "c-b1"}]}, FAILED, "c-b1"),
        Step("group", {**GROUP, "hosts": ["c-b1", "c-b2"], "preserve_existing_hosts": True}),
        Step("group", {"name": "c-child", "inventory": "C-barn"}),
        Step("group", {**GROUP, "children": ["c-child"]}),
        Step("inventory", smart),
        Step("inventory", smart, SAME),
        Step("inventory", {**smart, "kind": "constructed"}, FAILED, "PATCH"),
        Step("inventory", {"name": "C-made", "organization": "C-what", "kind": "constructed",
                           "input_inventories": ["C-barn"]}),
        Step("bulk_host_delete", {"hosts": ["{{ s3.id }}"]}),
        Step("host", {**HOST, "name": "c-b1", "state": "absent"}),
        Step("host", {**HOST, "state": "absent"}, SAME),
        Step("group", {**GROUP, "state": "absent"}),
        Step("inventory", {**INVENTORY, "copy_from": "C-barn", "name": "C-barn copy"}),
        Step("inventory", {**smart, "state": "absent"}),
    ])  # fmt: skip


def test_environments_instance_groups_and_instances(server, tmp_path):
    image = {"name": "C-ee", "image": "quay.example.com/c/ee:1", "organization": "C-what"}
    pods = {"name": "C-pods", "is_container_group": True, "pod_spec_override": "apiVersion: v1\nkind: Pod\nmetadata:\n"
            "  namespace: c\nspec:\n  containers:\n    - image: a\n      name: worker\n      args: [a]\n"}  # fmt: skip
    check(server, tmp_path, [
        Step("execution_environment", image),
        Step("execution_environment", image, SAME),
        Step("execution_environment", {**image, "pull": "always"}),
        Step("execution_environment", {**image, "state": "absent"}),
        Step("instance_group", {"name": "C-group", "policy_instance_percentage": 0}),
        Step("instance_group", {"name": "C-group", "max_forks": 10}),
        Step("instance_group", {"name": "C-group", "max_forks": 10}, SAME),
        Step("instance_group", {"name": "C-group", "state": "absent"}),
        Step("instance_group", pods),
        Step("instance_group", {"name": "C-pods", "state": "absent"}),
    ])  # fmt: skip


def test_inventory_sources_are_updated_and_waited_for(server, tmp_path):
    demo = server.call("GET", "/api/v2/projects/?name=Demo%20Project").json()["results"][0]
    source = {"name": "C-source", "inventory": "C-sourced", "source": "scm", "source_project": demo["name"],
              "source_path": "hello_world.yml"}  # fmt: skip
    check(server, tmp_path, [
        Step("inventory", {"name": "C-sourced", "organization": "C-what"}),
        Step("inventory_source", {**source, "overwrite": True}),
        Step("inventory_source", {**source, "overwrite": True}, SAME),
        Step("inventory_source", {**source, "verbosity": 2}),
        Step("inventory_source_update", {"name": "C-source", "inventory": "C-sourced", "organization": "C-what"}),
        Step("project_update", {"name": demo["name"], "organization": "Default", "wait": True, "timeout": 60}, SAME),
        Step("inventory_source", {**source, "state": "absent"}),
        Step("inventory_source", {**source, "state": "absent"}, SAME),
    ])  # fmt: skip
