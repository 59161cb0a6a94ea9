"""Jobs, workflows, updates and ad hoc commands are launched, followed and read by the awx command."""

import json

import pytest

pytestmark = pytest.mark.slow
QUICKLY = ["--interval", "0"]  # the command itself waits 2.5 seconds at least


def newest(awx, resource):
    """The last one made."""
    return awx(resource, "list", "--order_by=-id")["results"][0]


@pytest.fixture(scope="module")
def template(awx, demo):
    """A template that asks for variables and a limit."""
    made = awx(
        "job_templates", "create", "--name", "Kit run", "--project", demo["project"], "--inventory", demo["inventory"],
        "--playbook", "hello_world.yml", "--ask_variables_on_launch", "true", "--ask_limit_on_launch", "true",
    )  # fmt: skip
    yield made
    awx.text("job_templates", "delete", made["id"])


def test_a_launch_is_followed_to_its_end(awx):
    shown = awx.text("job_templates", "launch", "Demo Job Template", "--monitor", *QUICKLY)
    assert "Hello World!" in shown
    job = newest(awx, "jobs")
    assert job["status"] == "successful"
    assert "Hello World!" in awx.text("jobs", "stdout", job["id"])
    assert "Unable to monitor finished job" in awx.text("jobs", "monitor", job["id"])


def test_a_launch_takes_variables_and_says_how_it_ended(awx, template):
    launched = awx("job_templates", "launch", template["id"], "--extra_vars", "{a: 1}", "--limit", "localhost",
                   "--wait", *QUICKLY)  # fmt: skip
    read = awx("jobs", "get", launched["id"])
    assert (json.loads(read["extra_vars"]), read["limit"], read["status"]) == ({"a": 1}, "localhost", "successful")
    awx.text("job_templates", "modify", template["id"], "--job_tags", "none", "--limit", "nobody-matches-this")
    awx("job_templates", "launch", template["id"], "--limit", "nobody-matches-this", "--wait", *QUICKLY, status=1)
    assert newest(awx, "jobs")["status"] == "failed"


def test_several_jobs_are_launched_at_once(awx, demo):
    jobs = json.dumps([{"unified_job_template": demo["id"], "identifier": "a"},
                       {"unified_job_template": demo["id"], "identifier": "b"}])  # fmt: skip
    made = awx("bulk", "job_launch", "--name", "Kit bulk", "--jobs", jobs)
    awx.text("workflow_jobs", "monitor", made["id"])
    assert awx("workflow_jobs", "get", made["id"])["status"] == "successful"


def test_a_workflow_is_followed_node_by_node(awx, organization, demo):
    workflow = awx("workflow_job_templates", "create", "--name", "Kit flow", "--organization", organization["id"])["id"]
    node = ["workflow_job_template_nodes", "create", "--workflow_job_template", workflow, "--unified_job_template"]
    first, second = awx(*node, demo["id"])["id"], awx(*node, demo["project"])["id"]
    link = awx.server.call("POST", f"/api/v2/workflow_job_template_nodes/{first}/success_nodes/", json={"id": second})
    assert link.status_code == 204
    shown = awx.text("workflow_job_templates", "launch", "Kit flow", "--monitor", *QUICKLY)
    assert "Demo Job Template successful" in shown
    assert "Demo Project successful" in shown
    assert newest(awx, "workflow_jobs")["status"] == "successful"


def test_a_project_is_updated(awx, demo):
    awx.text("projects", "update", demo["project"], "--monitor", *QUICKLY)
    update = newest(awx, "project_updates")
    assert update["status"] == "successful"
    assert "The project is at revision" in awx.text("project_updates", "stdout", update["id"])


def test_a_new_project_is_followed(awx, organization, demo):
    url = awx("projects", "get", demo["project"])["scm_url"]
    made = awx("projects", "create", "--name", "Kit followed", "--organization", organization["id"],
               "--scm_type", "git", "--scm_url", url, "--wait")  # fmt: skip
    assert awx("projects", "get", made["id"])["status"] == "successful"
    awx.text("projects", "delete", made["id"])


def test_an_update_of_a_source_that_fails_ends_the_command_with_1(awx, organization, demo):
    inventory = awx("inventory", "create", "--name", "Kit filled", "--organization", organization["id"])["id"]
    source = awx(
        "inventory_sources", "create", "--name", "Kit source", "--inventory", inventory, "--source", "scm",
        "--source_project", demo["project"], "--source_path", "inventory",
    )  # fmt: skip
    awx.text("inventory_sources", "update", source["id"], "--wait", *QUICKLY, status=1)  # there is no such file
    update = newest(awx, "inventory_updates")
    assert (update["inventory_source"], update["status"]) == (source["id"], "failed")
    assert "inventory" in awx.text("inventory_updates", "stdout", update["id"])


def test_an_ad_hoc_command_is_run(awx, demo):
    credential = awx("credentials", "get", "Demo Credential")["id"]
    made = awx("ad_hoc_commands", "create", "--inventory", demo["inventory"], "--credential", credential,
               "--module_name", "command", "--module_args", "echo it runs")  # fmt: skip
    awx.server.wait_for(made["url"], "status", {"successful"})
    assert "it runs" in awx.text("ad_hoc_commands", "stdout", made["id"])
    awx.text("ad_hoc_commands", "delete", made["id"])


def test_notifications_and_credentials_are_attached_and_detached(awx, organization, template):
    notice = awx("notification_templates", "create", "--name", "Kit notice", "--organization", organization["id"],
                 "--notification_type", "webhook", "--notification_configuration",
                 '{"url": "http://127.0.0.1:9/", "headers": {}, "http_method": "POST"}')  # fmt: skip
    for when in ("start", "success", "failure"):
        change = [template["id"], f"--{when}_notification", "Kit notice"]
        assert awx("job_templates", "associate", *change)["results"][0]["id"] == notice["id"]
        assert awx("job_templates", "disassociate", *change)["count"] == 0
    change = ["Kit run", "--credential", "Demo Credential"]
    assert awx("job_templates", "associate", *change)["count"] == 1
    assert awx("job_templates", "disassociate", *change)["count"] == 0
    galaxy = awx("credentials", "create", "--name", "Kit galaxy", "--organization", organization["id"],
                 "--credential_type", "Ansible Galaxy/Automation Hub API Token",
                 "--inputs", "{url: 'https://galaxy.ansible.com/'}")  # fmt: skip
    change = [organization["id"], "--galaxy_credential", galaxy["id"]]
    assert galaxy["id"] in [row["id"] for row in awx("organizations", "associate", *change)["results"]]
    assert galaxy["id"] not in [row["id"] for row in awx("organizations", "disassociate", *change)["results"]]
    change = [organization["id"], "--approval_notification", "Kit notice"]
    assert awx("organizations", "associate", *change)["count"] == 1
