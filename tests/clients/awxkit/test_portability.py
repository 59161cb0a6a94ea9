"""`awx export` and `awx import`: everything comes back after it is gone, and a second import changes nothing."""

import json

import pytest

from tests.clients.awxkit.conftest import Awx
from tests.live import started

pytestmark = pytest.mark.slow
RULE = "DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
HOOK = {"url": "http://127.0.0.1:9/", "headers": {}, "http_method": "POST"}
SURVEY = {"name": "", "description": "", "spec": [
    {"question_name": "How many?", "variable": "n", "type": "integer", "required": False, "default": 3}]}  # fmt: skip


class World:
    """An organization with one of everything, all linked with one another."""

    def __init__(self, server):
        self.server = server
        self.organization = self.make("organizations/", name="Port", max_hosts=7)
        self.people()
        self.hosts()
        self.running()
        self.flow()
        self.rights()

    def make(self, path, **body):
        """POST; the id of what came."""
        answer = self.server.call("POST", f"/api/v2/{path}", json=body)
        assert answer.status_code in (200, 201, 204), (path, answer.text)
        return answer.json().get("id") if answer.text else None

    def people(self):
        """A team, a user, a credential of a type of one's own."""
        of = {"organization": self.organization}
        self.team = self.make("teams/", name="Port team", **of)
        self.user = self.make("users/", username="port", password="Port-pw-long-1", email="p@example.com")
        fields = {"fields": [{"id": "who", "label": "Who", "type": "string"}]}
        kind = self.make("credential_types/", name="Port type", kind="cloud", inputs=fields,
                         injectors={"env": {"WHO": "{{ who }}"}})  # fmt: skip
        self.credential = self.make("credentials/", name="Port cred", credential_type=kind, inputs={"who": "me"}, **of)
        self.environment = self.make("execution_environments/", name="Port ee", image="a/b:1", **of)
        self.notice = self.make("notification_templates/", name="Port note", notification_type="webhook",
                                notification_configuration=HOOK, **of)  # fmt: skip
        self.make("applications/", name="Port app", client_type="public", authorization_grant_type="password", **of)

    def hosts(self):
        """A host in a group with a child, and a source from a project."""
        of = {"organization": self.organization}
        demo = self.server.call("GET", "/api/v2/projects/?name=Demo%20Project").json()["results"][0]
        self.project = self.make("projects/", name="Port project", scm_type="git", scm_url=demo["scm_url"], **of)
        self.inventory = self.make("inventories/", name="Port inv", variables="a: 1", **of)
        host = self.make("hosts/", name="port-h", inventory=self.inventory, variables="b: 2")
        group = self.make("groups/", name="port-g", inventory=self.inventory)
        child = self.make("groups/", name="port-child", inventory=self.inventory)
        self.make(f"groups/{group}/hosts/", id=host)
        self.make(f"groups/{group}/children/", id=child)
        self.make("inventory_sources/", name="Port src", inventory=self.inventory, source="scm",
                  source_project=self.project, source_path="hosts")  # fmt: skip
        self.server.wait_for(f"/api/v2/projects/{self.project}/", "status", {"successful"})

    def running(self):
        """A job template with all that hangs on it."""
        self.template = jt = self.make(
            "job_templates/", name="Port jt", project=self.project, inventory=self.inventory, extra_vars="x: 1",
            playbook="hello_world.yml", survey_enabled=True, execution_environment=self.environment,
        )  # fmt: skip
        self.make(f"job_templates/{jt}/survey_spec/", **SURVEY)
        self.make(f"job_templates/{jt}/credentials/", id=self.credential)
        self.make(f"job_templates/{jt}/labels/", name="port-label", organization=self.organization)
        self.make(f"job_templates/{jt}/notification_templates_started/", id=self.notice)
        self.make(f"job_templates/{jt}/schedules/", name="port-sched", rrule=RULE)

    def flow(self):
        """A workflow: the template, then somebody's word."""
        self.workflow = self.make("workflow_job_templates/", name="Port wf", organization=self.organization)
        nodes = "workflow_job_template_nodes/"
        first = self.make(
            nodes, workflow_job_template=self.workflow, unified_job_template=self.template, identifier="a"
        )
        second = self.make(nodes, workflow_job_template=self.workflow, identifier="b")
        self.make(f"{nodes}{second}/create_approval_template/", name="Port approve", timeout=60)
        self.make(f"{nodes}{first}/success_nodes/", id=second)

    def rights(self):
        """The user is in the team; both may do something."""
        for who, path, role in (
            (f"users/{self.user}", f"teams/{self.team}", "member_role"),
            (f"teams/{self.team}", f"inventories/{self.inventory}", "use_role"),
            (f"users/{self.user}", f"workflow_job_templates/{self.workflow}", "execute_role"),
        ):
            roles = self.server.call("GET", f"/api/v2/{path}/").json()["summary_fields"]["object_roles"]
            self.make(f"{who}/roles/", id=roles[role]["id"])

    def wipe(self):
        """All of it is gone."""
        for resource, key in (
            ("job_templates", "name"), ("workflow_job_templates", "name"), ("projects", "name"),
            ("inventories", "name"), ("organizations", "name"), ("credential_types", "name"), ("users", "username"),
        ):  # fmt: skip
            found = self.server.call("GET", f"/api/v2/{resource}/?{key}__istartswith=port").json()["results"]
            for row in found:
                assert self.server.call("DELETE", row["url"]).status_code in (202, 204)


@pytest.fixture(scope="module")
def alone():
    """The command on a server that no other test has written to: it exports all that there is."""
    with started() as server:
        yield Awx(server)


def ordered(value):
    """Without order in lists, and without directories, which are named by ids."""
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in value.items() if key != "local_path"}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def test_everything_comes_back_and_a_second_import_changes_nothing(alone):
    awx, world = alone, World(alone.server)
    before = awx("export")
    for user in before["users"]:
        if user["username"] == "port":
            user["password"] = "Port-pw-long-1"  # the export has none, and a new user needs one
    world.wipe()
    awx.text("import", given=json.dumps(before))
    after = awx("export")
    before["users"] = [{**user, "password": "$encrypted$"} for user in before["users"]]
    assert ordered(after) == ordered(before)
    after["applications"] = []  # the client does not find an application again
    awx.text("import", given=json.dumps(after))
    again = awx("export")
    again["applications"] = []
    assert ordered(again) == ordered(after)
    world.wipe()


def test_single_resources_are_exported(awx):
    assert [row["name"] for row in awx("export", "--job_templates", "Demo Job Template")["job_templates"]] == [
        "Demo Job Template"
    ]
    assert list(awx("export", "--organizations")) == ["organizations"]
