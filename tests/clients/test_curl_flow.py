"""The usual automation flow, step by step, with curl itself."""

import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.slow
FINAL = {"successful", "failed", "error", "canceled"}


class Curl:
    """The curl command against one server."""

    def __init__(self, server):
        self.server = server
        self.token = ""

    def __call__(self, method, path, body=None, *, basic=False, raw=False):
        argv = [shutil.which("curl"), "-sS", "-X", method, "-w", "\n%{http_code}", self.server.url + path]
        if basic:
            argv += ["-u", f"{self.server.user}:{self.server.password}"]
        elif self.token:
            argv += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            argv += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        text, _, status = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.rpartition("\n")
        return int(status), text if raw else json.loads(text or "null")


@pytest.fixture
def curl(server):
    return Curl(server)


def test_the_automation_flow(curl, server):
    status, ping = curl("GET", "/api/v2/ping/")
    assert (status, ping["version"], ping["ha"]) == (200, "24.6.1", False)

    status, token = curl("POST", "/api/v2/tokens/", {"description": "flow", "scope": "write"}, basic=True)
    assert status == 201
    curl.token = token["token"]

    organization = curl("GET", "/api/v2/organizations/?name=Default")[1]["results"][0]["id"]
    status, inventory = curl("POST", "/api/v2/inventories/", {"name": "Flow", "organization": organization})
    assert status == 201
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    status, host = curl(
        "POST", "/api/v2/hosts/", {"name": "web1", "inventory": inventory["id"], "variables": json.dumps(local)}
    )
    assert (status, host["name"]) == (201, "web1")

    machine = curl("GET", "/api/v2/credential_types/?name=Machine")[1]["results"][0]["id"]
    status, credential = curl(
        "POST",
        "/api/v2/credentials/",
        {"name": "Flow", "organization": organization, "credential_type": machine,
         "inputs": {"username": "deploy", "password": "secret-of-flow"}},
    )  # fmt: skip
    assert (status, credential["inputs"]["password"]) == (201, "$encrypted$")

    project = curl("GET", "/api/v2/projects/?name=Demo+Project")[1]["results"][0]
    status, update = curl("POST", f"/api/v2/projects/{project['id']}/update/")
    assert status == 202
    assert server.wait_for(update["url"], "status", FINAL)["status"] == "successful"

    status, template = curl(
        "POST",
        "/api/v2/job_templates/",
        {"name": "Flow", "inventory": inventory["id"], "project": project["id"], "playbook": "hello_world.yml"},
    )
    assert status == 201
    assert (
        curl("POST", f"/api/v2/job_templates/{template['id']}/credentials/", {"id": credential["id"]}, raw=True)[0]
        == 204
    )
    status, job = curl("POST", f"/api/v2/job_templates/{template['id']}/launch/", {})
    assert (status, job["status"]) == (201, "pending")
    done = server.wait_for(job["url"], "status", FINAL)
    assert done["status"] == "successful", done["job_explanation"]
    server.wait_for(job["url"], "event_processing_finished", {True})

    status, output = curl("GET", f"/api/v2/jobs/{job['id']}/stdout/?format=txt", raw=True)
    assert status == 200
    assert "Hello World!" in output
    assert "secret-of-flow" not in output
    status, failed = curl("GET", "/api/v2/jobs/?status=failed")
    assert status == 200
    assert job["id"] not in [row["id"] for row in failed["results"]]
