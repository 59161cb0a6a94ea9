"""The forms in which the awx command shows answers."""

import pytest
import yaml

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def inventory(awx, organization):
    """An inventory with two pages of hosts, numbered as they are named."""
    made = awx("inventory", "create", "--name", "Kit shown", "--organization", organization["id"])["id"]
    hosts = [{"name": f"h{number:03}"} for number in range(30)]
    awx.server.call("POST", "/api/v2/bulk/host_create/", json={"inventory": made, "hosts": hosts})
    return made


def test_one_page_or_all_pages_in_any_order(awx, inventory):
    of_it = ["--inventory", inventory]
    first = awx("hosts", "list", *of_it, "--order_by=-name")
    assert first["count"] == 30
    assert [row["name"] for row in first["results"]] == [f"h{number:03}" for number in range(29, 4, -1)]
    everything = awx("hosts", "list", *of_it, "--all", "--order_by", "name")["results"]
    assert [row["name"] for row in everything] == [f"h{number:03}" for number in range(30)]


def test_tables_for_people(awx, inventory):
    shown = awx.text("hosts", "list", "--inventory", inventory, "--order_by", "name", "--filter", "name,enabled",
                     form="human").splitlines()  # fmt: skip
    assert shown[0].split() == ["name", "enabled"]
    assert shown[2].split() == ["h000", "1"]
    assert awx.text("hosts", "list", "--name", "h001", "--filter", "*", form="human").startswith("id")


def test_yaml_and_jq(awx, inventory):
    listed = yaml.safe_load(awx.text("hosts", "list", "--inventory", inventory, "--name", "h007", form="yaml"))
    assert listed["results"][0]["name"] == "h007"
    names = awx.text("hosts", "list", "--inventory", inventory, "--all", "--filter", ".results[].name", form="jq")
    assert sorted(names.split()) == [f"h{number:03}" for number in range(30)]


def test_what_is_listed_can_be_narrowed_by_fields(awx, inventory):
    assert awx("hosts", "list", "--inventory", inventory, "--enabled", "true")["count"] == 30
    assert awx("hosts", "list", "--inventory", inventory, "--enabled", "false")["count"] == 0
    assert awx("unified_job_templates", "list", "--type", "project", "--name", "Demo Project")["count"] == 1


def test_every_command_explains_its_options(awx):
    assert "job_templates" in awx.text("--help", errors=True)
    said = awx.text(
        "job_templates", "create", "--help", status=2, errors=True
    )  # the command ends so on the real AWX too
    assert "--playbook" in said
    assert "--webhook_service" in said
    assert "--extra_vars" in awx.text("job_templates", "launch", "--help", status=2, errors=True)
