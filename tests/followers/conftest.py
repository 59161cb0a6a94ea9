"""A started server with a template that prints slowly, and people with and without rights."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import psutil
import pytest
import requests

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: slow lines
      ansible.builtin.command: sleep 0.3
      loop: "{{ range(6) | list }}"
    - name: done
      ansible.builtin.debug:
        msg: the last line
"""


@pytest.fixture(scope="session")
def slow(server, tmp_path_factory):
    """`slow.launch()` starts a job of about three seconds and returns its id; `slow.ann` may not see it."""
    home = server.home / "projects" / "followers"
    home.mkdir(parents=True)
    (home / "slow.yml").write_text(PLAYBOOK)

    def made(path, **body):
        answer = server.call("POST", f"/api/v2/{path}/", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    org = made("organizations", name="followers")
    project = made("projects", name="followers", organization=org, scm_type="", local_path="followers")
    inventory = made("inventories", name="followers", organization=org)
    made("hosts", name="localhost", inventory=inventory, variables="ansible_connection: local")
    template = made(
        "job_templates",
        name="followers",
        project=project,
        inventory=inventory,
        playbook="slow.yml",
        allow_simultaneous=True,
    )
    ann = made("users", username="followers-ann", password="Pw-ann-1")

    def launch():
        return server.call("POST", f"/api/v2/job_templates/{template}/launch/", json={}).json()["id"]

    return SimpleNamespace(
        launch=launch, template=template, org=org, ann=("followers-ann", "Pw-ann-1"), ann_id=ann, url=server.url
    )


@pytest.fixture
def session(server):
    """A logged-in browser: cookies of a session and of CSRF."""
    browser = requests.Session()
    browser.get(f"{server.url}/api/login/")
    browser.post(
        f"{server.url}/api/login/",
        data={"username": server.user, "password": server.password, "next": "/api/"},
        headers={"X-CSRFToken": browser.cookies["csrftoken"], "Referer": server.url},
    )
    assert browser.get(f"{server.url}/api/v2/me/").status_code == 200
    return browser


def live_process(server):
    """The process of live output of this very server."""
    ours = [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if (process.info["cmdline"] or [])[-2:] == ["manage.py", "live"]
        and (process.info["environ"] or {}).get("AWX_LITE_HOME") == str(server.home)
    ]
    assert ours, "live output does not run"
    return ours[0]


def kill_live(server):
    """As a crash would; returns the old process id."""
    process = live_process(server)
    os.kill(process.pid, signal.SIGKILL)
    return process.pid
