"""Working: create, change, attach, launch, watch, delete; and whatever hostile texts try."""

from __future__ import annotations

import json
import re
import time

from playwright.sync_api import Page, expect

from tests.live import Server

from .conftest import Complaints

HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"
PRINTED = r"'<img src=x onerror=alert(1)> \033]8;;javascript:alert(1)\007link\033]8;;\007 \033[31mred\033[0m\n'"

SLOW = """
- hosts: all
  gather_facts: false
  tasks:
    - debug:
        msg: "{{ range(1400) | map('regex_replace', '(.+)', 'line \\\\1 of the beginning') | list }}"
    - wait_for:
        path: "{{ playbook_dir }}/go"
        timeout: 60
    - debug:
        msg: the end of the play
"""


def new(server: Server, path: str, **body: object) -> dict:
    """An object made by the API."""
    answer = server.call("POST", f"/api/v2/{path}/", json=body)
    assert answer.ok, answer.text
    return answer.json() if answer.content else {}


def wait_until_gone(server: Server, path: str) -> None:
    """Inventories are deleted in the background."""
    deadline = time.monotonic() + 30
    while server.call("GET", path).status_code != 404:
        assert time.monotonic() < deadline, path
        time.sleep(0.2)


def test_an_object_is_created_changed_and_deleted_by_forms(page: Page, server: Server, complaints: Complaints):
    complaints.expected = ("400",)
    page.goto("/api/v2/inventories/")
    page.get_by_role("button", name="Create").click()
    form = page.locator("#form-POST")
    form.get_by_role("button", name="POST").click()
    expect(form.locator("[data-field=name] .error")).to_be_visible()
    form.locator("#POST-name").fill("By form")
    lookup = form.locator("#POST-organization")
    lookup.fill("Defau")
    form.get_by_role("button", name=re.compile("Default$")).click()
    form.locator("#POST-variables").fill("a: 1")
    form.get_by_role("button", name="POST").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("By form")
    path = re.sub("^https?://[^/]+", "", page.url)
    assert server.call("GET", path).json()["variables"] == "a: 1"
    page.get_by_role("button", name="Change").click()
    page.locator("#PATCH-description").fill("now with words")
    page.locator("#PATCH-description").blur()
    assert json.loads(page.locator("[data-body]").input_value()) == {"description": "now with words"}
    page.get_by_role("button", name="PATCH").click()
    expect(page.locator(".document")).to_contain_text("now with words")
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/api/v2/inventories/$"))
    wait_until_gone(server, path)
    page.goto("/api/v2/inventories/?name=By+form")
    expect(page.locator("td.name", has_text="By form")).to_have_count(0)


def test_an_object_is_attached_and_detached(page: Page, server: Server):
    team = new(server, "teams", name="Attached", organization=1)
    page.goto(f"/api/v2/teams/{team['id']}/users/")
    page.get_by_role("button", name="Add").first.click()
    page.locator("#POST-id").fill("1")
    page.locator("#POST-id").blur()
    page.locator("[data-body]").fill('{"id": 1}')
    page.get_by_role("button", name="POST").click()
    expect(page.locator("td.name")).to_contain_text("admin")
    page.get_by_role("button", name="Detach").click()
    expect(page.get_by_text("Nothing here")).to_be_visible()


def test_a_job_is_launched_watched_to_its_end_and_relaunched(page: Page, server: Server):
    page.goto("/api/v2/job_templates/?name=Demo+Job+Template")
    page.locator("td.name a").click()
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile(r"/api/v2/jobs/\d+/$"))
    first = page.url
    expect(page.locator("#status")).to_have_text("successful", timeout=60_000)
    expect(page.locator("#terminal")).to_contain_text("Hello World!")
    expect(page.locator("#terminal .f2").first).to_be_visible()
    page.get_by_role("link", name="Relaunch", exact=True).click()
    expect(page).not_to_have_url(first)


def test_output_appears_while_the_job_runs_and_cannot_inject(page: Page, server: Server):
    inventory = new(server, "inventories", name=HOSTILE, organization=1)
    new(server, f"inventories/{inventory['id']}/hosts", name="one", variables="ansible_connection: local")
    slow = new(
        server, "ad_hoc_commands", inventory=inventory["id"], module_name="shell", credential=1,
        module_args=f"printf {PRINTED}; sleep 2",
    )  # fmt: skip
    page.goto(slow["url"])
    expect(page.locator("#status")).to_have_text("successful", timeout=60_000)
    terminal = page.locator("#terminal")
    expect(terminal).to_contain_text("<img src=x onerror=alert(1)> link red")
    assert terminal.locator("img, a, script").count() == 0
    page.goto(f"/api/v2/inventories/{inventory['id']}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    page.goto("/api/v2/inventories/")
    expect(page.get_by_role("link", name=HOSTILE, exact=True)).to_be_visible()
    page.goto(f"/api/v2/inventories/?name={HOSTILE}")
    assert page.locator("main img, main script").count() == 0


def test_output_appears_while_the_job_runs_and_earlier_lines_on_demand(page: Page, server: Server):
    place = server.home / "projects" / "slow"
    place.mkdir()
    (place / "site.yml").write_text(SLOW)
    project = new(server, "projects", name="Slow", organization=1, scm_type="", local_path="slow")
    inventory = new(server, "inventories", name="Slow", organization=1)
    new(server, f"inventories/{inventory['id']}/hosts", name="here", variables="ansible_connection: local")
    template = new(
        server, "job_templates", name="Slow", project=project["id"], inventory=inventory["id"], playbook="site.yml"
    )
    job = new(server, f"job_templates/{template['id']}/launch")
    page.goto(job["url"])
    terminal = page.locator("#terminal")
    expect(terminal).to_contain_text("line 1399 of the beginning", timeout=60_000)
    expect(page.locator("#status")).to_have_text("running")
    (place / "go").touch()
    expect(page.locator("#status")).to_have_text("successful", timeout=60_000)
    expect(terminal).to_contain_text("the end of the play")
    expect(page.locator("#output")).to_have_attribute("data-heard", "yes")
    page.reload()
    expect(terminal).to_contain_text("the end of the play")
    expect(terminal).not_to_contain_text("line 0 of the beginning")
    page.get_by_role("button", name="Earlier lines").click()
    expect(terminal).to_contain_text("line 0 of the beginning")
    expect(page.get_by_role("button", name="Earlier lines")).to_be_hidden()


def test_the_dashboard_draws_what_ran(page: Page, server: Server):
    page.goto("/api/v2/dashboard/")
    expect(page.locator(".count").filter(has_text="Organizations").locator("b")).to_have_text(re.compile("[1-9]"))
    expect(page.locator("#chart svg rect.bar-successful").first).to_be_visible()
    page.locator("[name=period]").select_option("day")
    page.locator("[name=job_type]").select_option("inv_sync")
    expect(page.locator(".legend")).to_contain_text("0 successful")
    expect(page.locator("#recent .badge").first).to_be_visible()


def test_a_workflow_is_drawn_and_its_nodes_lead_to_their_jobs(page: Page, server: Server):
    template = server.call("GET", "/api/v2/job_templates/?name=Demo+Job+Template").json()["results"][0]["id"]
    workflow = new(server, "workflow_job_templates", name="Drawn", organization=1)
    nodes = f"workflow_job_templates/{workflow['id']}/workflow_nodes"
    first = new(server, nodes, unified_job_template=template, identifier="first")
    new(server, f"workflow_job_template_nodes/{first['id']}/success_nodes", unified_job_template=template)
    page.goto(workflow["url"])
    expect(page.locator("#graph rect")).to_have_count(2)
    expect(page.locator("#graph path.edge-success")).to_have_count(1)
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile(r"/api/v2/workflow_jobs/\d+/$"))
    expect(page.locator("#status")).to_have_text("successful", timeout=60_000)
    expect(page.locator("#graph .node-successful")).to_have_count(2)
    page.locator("#graph .node-successful").first.click()
    expect(page).to_have_url(re.compile(r"/api/v2/jobs/\d+/$"))


def test_a_launch_that_asks_shows_its_questions_alone(page: Page, server: Server):
    demo = server.call("GET", "/api/v2/job_templates/?name=Demo+Job+Template").json()["results"][0]
    asking = new(server, f"job_templates/{demo['id']}/copy", name=f"Asking {time.time()}")
    server.call("PATCH", asking["url"], json={"ask_limit_on_launch": True, "ask_variables_on_launch": True})
    page.goto(asking["url"])
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile("/launch/$"))
    expect(page.locator("[data-field]")).to_have_count(2)
    page.locator("#POST-limit").fill("localhost")
    page.get_by_role("button", name="POST").click()
    expect(page).to_have_url(re.compile(r"/api/v2/jobs/\d+/$"))
    job = server.call("GET", re.sub("^https?://[^/]+", "", page.url)).json()
    assert job["limit"] == "localhost"


def test_a_survey_is_asked_in_the_launch_form(page: Page, server: Server):
    demo = server.call("GET", "/api/v2/job_templates/?name=Demo+Job+Template").json()["results"][0]
    template = new(server, f"job_templates/{demo['id']}/copy", name=f"Survey {time.time()}")
    question = {"question_description": "", "required": True, "min": 1, "max": 50, "choices": ""}
    questions = [
        question | {"question_name": HOSTILE, "variable": "where", "type": "text", "default": ""},
        question | {"question_name": "Count", "variable": "count", "type": "integer", "default": 3},
        question
        | {
            "question_name": "Size",
            "variable": "size",
            "type": "multiplechoice",
            "default": "s",
            "choices": ["s", "l"],
        },
    ]
    new(server, f"job_templates/{template['id']}/survey_spec", name="Details", description="", spec=questions)
    server.call("PATCH", template["url"], json={"survey_enabled": True})
    page.goto(template["url"])
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    page.locator("#extra_vars-where").fill("Berlin")
    page.locator("#extra_vars-size").select_option("l")
    page.get_by_role("button", name="POST").click()
    expect(page).to_have_url(re.compile(r"/api/v2/jobs/\d+/$"))
    job = server.call("GET", re.sub("^https?://[^/]+", "", page.url)).json()
    assert json.loads(job["extra_vars"]) == {"where": "Berlin", "count": 3, "size": "l"}


def test_a_credential_is_made_with_the_inputs_of_its_type(page: Page, server: Server):
    machine = server.call("GET", "/api/v2/credential_types/?name=Machine").json()["results"][0]["id"]
    page.goto("/api/v2/credentials/")
    page.get_by_role("button", name="Create").click()
    page.locator("#POST-name").fill("By form")
    page.locator("#POST-organization").fill("1")
    kind = page.locator("#POST-credential_type")
    kind.fill("Machine")
    page.get_by_role("button", name=f"{machine} · Machine").click()
    page.locator("#inputs-username").fill("deploy")
    page.locator("#inputs-password").fill("s3cret")
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("By form")
    path = re.sub("^https?://[^/]+", "", page.url)
    assert server.call("GET", path).json()["inputs"] == {"username": "deploy", "password": "$encrypted$"}
    page.get_by_role("button", name="Change").click()
    page.locator("#inputs-username").fill("other")
    page.get_by_role("button", name="PATCH").click()
    expect(page.locator(".document")).to_contain_text('"username": "other"')
    assert server.call("GET", path).json()["inputs"] == {"username": "other", "password": "$encrypted$"}
