"""The awx command of awxkit 24.6.1, as people type it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COLOURS = re.compile("\x1b\\[[0-9;]*m")  # the command colours what it makes, also where nobody looks


@pytest.fixture(scope="module")
def awx(server):
    """Run `awx …` and give back its JSON (or its text)."""

    def run(*words, status=0, raw=False):
        argv = [str(Path(sys.executable).with_name("awx")), "--conf.host", server.url, "--conf.username", server.user,
                "--conf.password", server.password, "-f", "json", *words]  # fmt: skip
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        text = COLOURS.sub("", done.stdout)
        return text if raw else json.loads(text)

    return run


def test_login_gives_a_token(awx):
    assert awx("login")["token"]


def test_people_and_inventories_are_made_and_listed(awx):
    organization = awx("organizations", "create", "--name", "Kit")
    user = awx("users", "create", "--username", "kit", "--password", "Kit-pw-1")
    assert awx("users", "list", "--username", "kit")["results"][0]["id"] == user["id"]
    inventory = awx("inventories", "create", "--name", "Kit", "--organization", "Kit")
    assert inventory["organization"] == organization["id"]
    assert awx("inventories", "list", "--name", "Kit")["count"] == 1
    assert awx("organizations", "modify", "Kit", "--description", "d")["description"] == "d"
    awx("users", "grant", "kit", "--role", "use", "--inventory", "Kit", raw=True)
    assert awx("organizations", "list", "--all")["count"] >= 2
    awx("organizations", "delete", "Kit", raw=True)


def test_projects_and_templates_are_made_from_names(awx):
    project = awx("projects", "list", "--name", "Demo Project")["results"][0]
    template = awx(
        "job_templates", "create", "--name", "Kit JT", "--project", "Demo Project", "--inventory", "Demo Inventory",
        "--playbook", "hello_world.yml", "--extra_vars", "a: 1",
    )  # fmt: skip
    assert template["project"] == project["id"]
    assert awx("job_templates", "get", "Kit JT")["extra_vars"]


def test_launch_with_monitor_ends_well_and_shows_the_output(awx):
    launched = awx("job_templates", "launch", "Demo Job Template", "--monitor", raw=True)
    assert "Hello World!" in launched
    job = awx("jobs", "list", "--status", "successful", "--order_by=-id")["results"][0]
    assert "Hello World!" in awx("jobs", "stdout", str(job["id"]), raw=True)
