"""The collection's modules that run things: projects, templates, jobs, schedules, notifications, ad hoc commands."""

import json
import subprocess

import pytest

from tests.clients.collection import FAILED, SAME, Step, check, environment

TEMPLATE = {"name": "R-jt", "organization": "R-org", "inventory": "R-inv", "project": "R-project",
            "playbook": "hello_world.yml", "job_type": "run"}  # fmt: skip
SURVEY = {"name": "", "description": "", "spec": [
    {"question_name": "Who?", "variable": "who", "type": "text", "required": True, "default": "all"}]}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def organization(server):
    """An organization with an inventory of one host, which run everything here."""
    pk = server.call("POST", "/api/v2/organizations/", json={"name": "R-org"}).json()["id"]
    inventory = server.call("POST", "/api/v2/inventories/", json={"name": "R-inv", "organization": pk}).json()["id"]
    host = {"name": "localhost", "inventory": inventory, "variables": "ansible_connection: local"}
    server.call("POST", "/api/v2/hosts/", json=host)
    demo = server.call("GET", "/api/v2/projects/?name=Demo%20Project").json()["results"][0]
    project = {"name": "R-project", "organization": pk, "scm_type": "git", "scm_url": demo["scm_url"]}
    made = server.call("POST", "/api/v2/projects/", json=project).json()
    server.wait_for(made["url"], "status", {"successful"})
    yield
    server.call("DELETE", f"/api/v2/organizations/{pk}/")


def test_projects_and_job_templates(server, tmp_path):
    repository = server.call("GET", "/api/v2/projects/?name=Demo%20Project").json()["results"][0]["scm_url"]
    project = {"name": "R-second", "organization": "R-org", "scm_type": "git", "scm_url": repository}
    asking = {**TEMPLATE, "survey_enabled": True, "survey_spec": SURVEY, "credentials": ["Demo Credential"],
              "extra_vars": {"a": 1}, "ask_limit_on_launch": True}  # fmt: skip
    check(server, tmp_path, [
        Step("project", {**project, "wait": True}),
        Step("project", {**project, "wait": True}, SAME),
        Step("project", {**project, "scm_clean": True, "wait": False}),
        Step("project", {**project, "name": "R-second copy", "copy_from": "R-second", "wait": False}),
        Step("job_template", asking),
        Step("job_template", asking, SAME),
        Step("job_template", {**TEMPLATE, "verbosity": 1, "labels": []}),
        Step("job_template", {**TEMPLATE, "credentials": []}),
        Step("job_template", {**TEMPLATE, "name": "R-jt copy", "copy_from": "R-jt"}),
        Step("job_template", {**TEMPLATE, "name": "R-jt copy", "state": "absent"}),
        Step("job_template", {**TEMPLATE, "state": "exists"}, SAME),
        Step("job_template", {**TEMPLATE, "playbook": "no.yml", "name": "R-wrong"}, FAILED, "playbook"),
        Step("project", {**project, "name": "R-second copy", "state": "absent"}),
    ])  # fmt: skip


def test_jobs_are_launched_waited_for_listed_and_canceled(server, tmp_path):
    ad_hoc = {"inventory": "R-inv", "credential": "Demo Credential"}
    check(server, tmp_path, [
        Step("job_template", {**TEMPLATE, "ask_variables_on_launch": True, "ask_limit_on_launch": True,
                              "survey_enabled": False}),
        Step("job_launch", {"job_template": "R-jt", "wait": True, "timeout": 60, "limit": "localhost"}),
        Step("job_launch", {"job_template": "R-jt", "extra_vars": {"b": 2}}),
        Step("job_wait", {"job_id": "{{ s2.id }}", "timeout": 60, "interval": 0.5}, SAME, "successful"),
        Step("job_wait", {"job_id": "99999", "timeout": 5}, FAILED),
        Step("job_list", {"status": "successful", "query": {"job_template__name": "R-jt"}}, SAME, "R-jt"),
        Step("job_launch", {"job_template": "no such template"}, FAILED),
        Step("job_launch", {"job_template": "R-jt", "inventory": "Demo Inventory"}, FAILED, "inventory"),
        Step("job_cancel", {"job_id": "{{ s2.id }}"}, SAME),
        Step("job_cancel", {"job_id": "{{ s2.id }}", "fail_if_not_running": True}, FAILED),
        Step("ad_hoc_command", {**ad_hoc, "module_name": "ping", "wait": True}),
        Step("ad_hoc_command", {**ad_hoc, "module_name": "command", "module_args": "sleep 60"}),
        Step("ad_hoc_command_cancel", {"command_id": "{{ s11.id }}", "request_timeout": 30}),
        Step("ad_hoc_command_wait", {"command_id": "{{ s11.id }}", "timeout": 30, "interval": 0.5}, FAILED),
        Step("bulk_job_launch", {"name": "R-bulk", "jobs": [{"unified_job_template": "{{ s0.id }}"},
                                 {"unified_job_template": "{{ s0.id }}"}], "inventory": "R-inv", "wait": True}),
    ])  # fmt: skip


def test_schedules_and_notifications(server, tmp_path):
    mail = {
        "name": "R-web",
        "organization": "R-org",
        "notification_type": "webhook",
        "notification_configuration": {
            "url": "http://127.0.0.1:9/",
            "headers": {"X": "y"},
            "http_method": "POST",
            "disable_ssl_verification": True,
        },
    }
    rule = "DTSTART;TZID=UTC:20300105T120000 RRULE:FREQ=WEEKLY;BYDAY=MO;INTERVAL=1"
    schedule = {"name": "R-weekly", "unified_job_template": "R-jt", "rrule": rule}
    check(server, tmp_path, [
        Step("notification_template", mail),
        Step("notification_template", mail, SAME),
        Step("notification_template", {**mail, "description": "d"}),
        Step("job_template", {**TEMPLATE, "notification_templates_error": ["R-web"]}),
        Step("job_template", {**TEMPLATE, "notification_templates_error": ["R-web"]}, SAME),
        Step("schedule", schedule),
        Step("schedule", schedule, SAME),
        Step("schedule", {**schedule, "enabled": False, "rrule": rule}),
        Step("schedule", {**schedule, "rrule": "DTSTART:nonsense"}, FAILED, "rrule"),
        Step("schedule", {**schedule, "state": "absent"}),
        Step("job_template", {**TEMPLATE, "notification_templates_error": []}),
        Step("notification_template", {"name": "R-web", "organization": "R-org", "state": "absent"}),
    ])  # fmt: skip


def test_workflows_with_nodes_approvals_and_waiting(server, tmp_path):
    flow = {"name": "R-flow", "organization": "R-org"}
    node = {"workflow_job_template": "R-flow", "organization": "R-org"}
    ask = {"name": "may we?", "timeout": 900}
    inline = [
        {"identifier": "a", "unified_job_template": {"name": "R-jt", "type": "job_template",
                                                     "organization": {"name": "R-org"}},
         "related": {"success_nodes": [{"identifier": "b"}]}},
        {"identifier": "b", "unified_job_template": {"name": "Demo Project", "type": "project",
                                                     "organization": {"name": "Default"}}},
    ]  # fmt: skip
    check(server, tmp_path, [
        Step("workflow_job_template", flow),
        Step("workflow_job_template", flow, SAME),
        Step("workflow_job_template_node", {**node, "identifier": "run", "unified_job_template": "R-jt"}),
        Step("workflow_job_template_node", {**node, "identifier": "run", "unified_job_template": "R-jt"}, SAME),
        Step("workflow_job_template_node", {**node, "identifier": "ask", "approval_node": ask}),
        Step("workflow_job_template_node", {**node, "identifier": "ask", "always_nodes": ["run"]}),
        Step("workflow_launch", {"name": "R-flow", "wait": False}),
        Step("workflow_approval", {"workflow_job_id": "{{ s6.id }}", "name": "may we?", "action": "approve",
                                   "timeout": 60, "interval": 0.5}),
        Step("workflow_node_wait", {"workflow_job_id": "{{ s6.id }}", "name": "R-jt", "timeout": 60, "interval": 0.5},
             SAME),
        Step("job_wait", {"job_id": "{{ s6.id }}", "job_type": "workflow_jobs", "timeout": 60, "interval": 0.5}, SAME),
        Step("workflow_job_template", {"name": "R-inline", "organization": "R-org", "workflow_nodes": inline}),
        Step("workflow_launch", {"name": "R-inline", "wait": True, "timeout": 60}),
        Step("workflow_job_template", {**flow, "copy_from": "R-flow", "name": "R-flow copy"}),
        Step("workflow_job_template_node", {**node, "identifier": "ask", "state": "absent"}),
        Step("workflow_job_template", {**flow, "state": "absent"}),
    ])  # fmt: skip


def test_export_import_and_the_lookup(server, tmp_path):
    asked = "'awx.awx.controller_api', 'job_templates', query_params={'name': 'R-jt'}, return_ids=True"
    shown = "{{ query(" + asked + ") | length }}"
    results = check(server, tmp_path, [
        Step("export", {"organizations": ["R-org"], "job_templates": ["R-jt"]}, SAME, "R-jt"),
        Step("import", {"assets": "{{ s0.assets }}"}),
        Step("organization", {"name": "R-org", "description": f"has {shown}"}),
    ])  # fmt: skip
    assert results[0]["assets"]["job_templates"][0]["name"] == "R-jt"
    assert server.call("GET", "/api/v2/organizations/?name=R-org").json()["results"][0]["description"] == "has 1"


def test_the_inventory_plugin_reads_our_inventories(server, tmp_path):
    pk = server.call("GET", "/api/v2/inventories/?name=R-inv").json()["results"][0]["id"]
    (tmp_path / "controller.yml").write_text(
        f"plugin: awx.awx.controller\ninventory_id: {pk}\ninclude_metadata: true\n"
    )
    found = subprocess.run(
        ["ansible-inventory", "-i", "controller.yml", "--list"],
        env=environment(server), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    hosts = json.loads(found.stdout)
    assert hosts["_meta"]["hostvars"]["localhost"]["ansible_connection"]["__ansible_unsafe"] == "local"
