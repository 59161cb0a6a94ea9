"""automation_flow: against a really started server, and as a plain client of a server that misbehaves."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.portability.flow.client import Client
from apps.portability.flow.main import perform
from apps.portability.flow.options import variables
from tests import live
from tests.loopback import web

ROOT = Path(live.ROOT)
FLAGS = {"inventory": "", "limit": "", "extra_vars": [], "no_sync": True, "retries": 0, "retry_delay": 0.1,
         "timeout": 60.0, "quiet": False, "report": ""}  # fmt: skip


def flow(client, template, **flags):
    """(exit code, what was printed)"""
    stream = io.StringIO()
    return perform(client, {**FLAGS, "template": template, **flags}, stream), stream.getvalue()


@pytest.fixture
def client(server):
    return Client(server.url, user=server.user, password=server.password)


@pytest.fixture
def failing(server):
    """A job template whose playbook fails on its host."""
    found = server.call("GET", "/api/v2/job_templates/?name=Demo%20Job%20Template").json()["results"][0]
    inventory = server.call("POST", "/api/v2/inventories/", json={"name": "flow", "organization": 1}).json()["id"]
    host = {"name": "nowhere.invalid", "inventory": inventory, "variables": "ansible_connection: ssh"}
    server.call("POST", "/api/v2/hosts/", json=host)
    body = {"name": "flow fails", "project": found["project"], "inventory": inventory, "playbook": found["playbook"]}
    pk = server.call("POST", "/api/v2/job_templates/", json=body).json()["id"]
    yield "flow fails"
    server.call("DELETE", f"/api/v2/job_templates/{pk}/")
    server.call("DELETE", f"/api/v2/inventories/{inventory}/")


def test_the_command_syncs_launches_follows_and_reports(server, tmp_path):
    report = tmp_path / "report.json"
    found = subprocess.run(
        [sys.executable, "manage.py", "automation_flow", "--template", "Demo Job Template", "--report", str(report)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": os.environ["PATH"], "AWX_LITE_HOME": str(server.home), "HOME": os.environ.get("HOME", "/root")},
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert "PLAY RECAP" in found.stdout
    assert "Demo Job Template: successful" in found.stdout
    whole = json.loads(report.read_text())
    assert whole["status"] == "successful"
    assert whole["checks"]["project"].startswith("Demo Project, at ")
    assert [host["host_name"] for host in whole["hosts"]] == ["localhost"]
    left = server.call("GET", "/api/v2/tokens/?description=automation_flow").json()
    assert left["count"] == 0, "its token ends with it"


def test_a_failed_job_is_tried_again_and_the_exit_code_says_so(client, failing):
    code, text = flow(client, failing, retries=1)
    assert code == 1
    assert "try 2 of 2" in text
    assert "run 2: job" in text
    assert "nowhere.invalid" in text.split("unreachable")[-1]


def test_the_plain_client_needs_no_django(server):
    found = subprocess.run(
        [sys.executable, "-m", "apps.portability.flow", "--url", server.url, "--username", server.user,
         "--template", "Demo Job Template", "--quiet", "--no-sync"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": os.environ["PATH"], "CONTROLLER_PASSWORD": server.password},
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert "PLAY RECAP" not in found.stdout


@pytest.mark.parametrize(
    ("template", "flags", "words"),
    [
        ("no such template", {}, "no job template or workflow"),
        ("Demo Job Template", {"limit": "x"}, "does not ask for a limit"),
        ("Demo Job Template", {"extra_vars": ["a=1"]}, "does not ask for variables"),
        ("Demo Job Template", {"inventory": "Demo Inventory"}, "does not ask for an inventory"),
        ("Demo Job Template", {"extra_vars": ["nonsense"]}, "neither name=value"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_runs(client, template, flags, words):
    before = client.get("jobs/")["count"]
    code, text = flow(client, template, **flags)
    assert code == 2
    assert words in text
    assert client.get("jobs/")["count"] == before


def test_an_inventory_without_hosts_is_refused(client, server, failing):
    server.call("POST", "/api/v2/bulk/host_delete/", json={"hosts": [
        row["id"] for row in server.call("GET", "/api/v2/hosts/?name=nowhere.invalid").json()["results"]]})  # fmt: skip
    code, text = flow(client, failing)
    assert code == 2
    assert "no enabled hosts" in text


def test_a_wrong_password_is_one_clear_line(server):
    code, text = flow(Client(server.url, user="admin", password="wrong"), "Demo Job Template")
    assert code == 2
    assert "does not accept" in text


def test_a_workflow_ends_with_its_steps(client, server):
    demo = server.call("GET", "/api/v2/job_templates/?name=Demo%20Job%20Template").json()["results"][0]["id"]
    flow_id = server.call("POST", "/api/v2/workflow_job_templates/", json={"name": "flow of flows"}).json()["id"]
    server.call(
        "POST", f"/api/v2/workflow_job_templates/{flow_id}/workflow_nodes/", json={"unified_job_template": demo}
    )
    code, text = flow(client, "flow of flows")
    server.call("DELETE", f"/api/v2/workflow_job_templates/{flow_id}/")
    assert code == 0, text
    assert "Demo Job Template" in text.split("step ")[-1]


def test_nobody_there_and_nonsense_are_clear_lines():
    code, text = flow(Client("http://127.0.0.1:9", wait=0), "x")
    assert (code, "cannot be reached" in text) == (2, True)
    with web(lambda _got: (200, b"<html>")) as other:
        code, text = flow(Client(other.url, wait=0), "x")
    assert (code, "does not answer like an AWX" in text) == (2, True)


def test_variables_are_pairs_or_json():
    assert variables(["a=1", '{"b": {"c": 2}}', "a=3"]) == {"a": "3", "b": {"c": 2}}
