"""export and import: a configuration travels whole, twice is once, secrets only under a passphrase."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.conf import live
from apps.conf.services import change
from apps.core import crypto
from apps.credentials.models import Credential, CredentialType
from apps.identity.models import Label, Organization, Team, User
from apps.instances.models import ExecutionEnvironment, InstanceGroup
from apps.inventory.models import Group, Host, Inventory, InventorySource
from apps.jobs import surveys
from apps.jobs.models import JobTemplate
from apps.notifications.models import NotificationTemplate
from apps.oauth.models import OAuth2Application
from apps.projects.models import Project
from apps.rbac import services
from apps.rbac.models import RoleDefinition, RoleUserAssignment
from apps.unified.models import Schedule
from apps.unified.schedules.services import compute
from apps.workflows.models import WorkflowApprovalTemplate, WorkflowJobTemplate, WorkflowJobTemplateNode

pytestmark = pytest.mark.django_db
SECRET, PASSPHRASE = "s3cret-Value", "correct horse battery"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch):
    monkeypatch.setenv("AWX_LITE_PASSPHRASE", PASSPHRASE)


def export(*words):
    """The lines of the file."""
    out = io.StringIO()
    call_command("export", *words, stdout=out)
    return out.getvalue()


def take_in(text, tmp_path, *words):
    """What the import says."""
    path = tmp_path / "configuration"
    path.write_text(text)
    out = io.StringIO()
    call_command("import", str(path), *words, stdout=out)
    return out.getvalue()


def body(text):
    """The lines without the first, which has a time."""
    return text.split("\n")[1:]


@pytest.fixture
def everything(admin):
    """One of each kind, with what hangs on it."""
    org = Organization.objects.create(name="Ops", description="ours", max_hosts=7)
    ann = User.objects.create_user("ann", password="pw", email="ann@example.com", is_system_auditor=True)
    team = Team.objects.create(name="crew", organization=org)
    services.grant(team.role("member_role"), user=ann)
    label = Label.objects.create(name="blue", organization=org)
    kind = CredentialType.objects.create(
        name="Vending", kind="cloud", injectors={},
        inputs={"fields": [{"id": "user", "label": "U"}, {"id": "token", "label": "T", "secret": True}]},
    )  # fmt: skip
    credential = Credential.objects.create(
        name="vend", organization=org, credential_type=kind, inputs={"user": "u", "token": SECRET}
    )
    environment = ExecutionEnvironment.objects.create(name="ee", image="example/ee", organization=org)
    org.default_environment = environment
    org.save()
    groups = [InstanceGroup.objects.create(name=name) for name in ("fast", "slow")]
    message = NotificationTemplate.objects.create(
        name="hook", organization=org, notification_type="webhook",
        notification_configuration={"url": "http://127.0.0.1:9/", "password": SECRET, "username": "n"},
    )  # fmt: skip
    org.notification_templates_error.add(message)
    OAuth2Application.objects.create(
        name="cli", organization=org, client_type="confidential", authorization_grant_type="password"
    )
    project = Project.objects.create(name="code", organization=org, scm_type="git", scm_url="https://example.com/x.git")
    inventory = Inventory.objects.create(name="farm", organization=org, variables="a: 1")
    for place, group in enumerate(reversed(groups)):
        inventory.instance_groups.through.objects.create(inventory=inventory, instancegroup=group, position=place)
    hosts = [Host.objects.create(name=f"h{n}", inventory=inventory, variables=f"n: {n}") for n in range(3)]
    web, east = (Group.objects.create(name=name, inventory=inventory) for name in ("web", "east"))
    web.hosts.add(*hosts[:2])
    web.children.add(east)
    source = InventorySource.objects.create(name="src", inventory=inventory, source="ec2", overwrite=True)
    source.credentials.add(credential)
    template = JobTemplate.objects.create(
        name="deploy", organization=org, project=project, inventory=inventory, playbook="site.yml", survey_enabled=True,
        survey_spec={"name": "", "description": "", "spec": [
            {"variable": "pw", "type": "password", "question_name": "?", "required": False,
             "default": crypto.encrypt(SECRET, surveys.LABEL)}]},
        host_config_key=SECRET,
    )  # fmt: skip
    template.credentials.add(credential)
    template.labels.add(label)
    template.notification_templates_success.add(message)
    workflow = WorkflowJobTemplate.objects.create(name="flow", organization=org)
    asks = WorkflowApprovalTemplate.objects.create(name="Sure?", timeout=60, organization=org)
    first = WorkflowJobTemplateNode.objects.create(
        workflow_job_template=workflow, identifier="one", unified_job_template=template, extra_data={"x": 1}
    )
    second = WorkflowJobTemplateNode.objects.create(
        workflow_job_template=workflow, identifier="two", unified_job_template=asks
    )
    first.success_nodes.add(second)
    daily = Schedule(
        name="daily", unified_job_template=template, rrule="DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
    )
    compute(daily)
    daily.save()
    services.grant(template.role("execute_role"), team=team)
    looker = RoleDefinition.objects.create(
        name="Looker",
        permissions=["view_inventory"],
        content_type=services.ContentType.objects.get_for_model(Inventory),
    )
    services.assign(looker, inventory, user=ann)
    change({"AWX_TASK_ENV": {"A": "b"}})
    return org


def destroy():
    """All that was made, without what every installation has."""
    for rows in (
        WorkflowJobTemplate, WorkflowApprovalTemplate, JobTemplate, Project, Inventory, Organization, InstanceGroup,
        Credential,
    ):  # fmt: skip
        for obj in rows._default_manager.all():
            obj.delete()
    CredentialType.objects.filter(managed=False).delete()
    RoleDefinition.objects.filter(managed=False).delete()
    ExecutionEnvironment.objects.all().delete()
    User.objects.exclude(username="admin").delete()
    change({"AWX_TASK_ENV": {}})


def test_everything_comes_back_after_it_was_lost(everything, tmp_path):
    before = export("--with-secrets")
    destroy()
    report = take_in(before, tmp_path)
    assert "job templates: 1 made" in report
    assert body(export()) == body(re_exported(before))
    template = JobTemplate.objects.get(name="deploy")
    assert template.host_config_key == SECRET
    assert surveys.opened(template.survey_spec["spec"][0]) == SECRET
    assert Credential.objects.get(name="vend").inputs == {"user": "u", "token": SECRET}
    assert NotificationTemplate.objects.get().notification_configuration["password"] == SECRET
    project = Project.objects.get()
    assert project.local_path == f"_{project.pk}__code"
    farm = Inventory.objects.get(name="farm")
    assert (farm.total_hosts, farm.total_groups) == (3, 2)
    assert [g.name for g in farm.instance_groups.order_by("inventoryinstancegroup__position")] == ["slow", "fast"]
    assert list(Group.objects.get(name="web").children.values_list("name", flat=True)) == ["east"]
    node = WorkflowJobTemplateNode.objects.get(identifier="one")
    assert list(node.success_nodes.values_list("identifier", flat=True)) == ["two"]
    assert WorkflowApprovalTemplate.objects.get().timeout == 60
    assert Schedule.objects.get(name="daily").next_run is not None
    ann = User.objects.get(username="ann")
    assert not ann.has_usable_password()
    held = set(RoleUserAssignment.objects.filter(user=ann).values_list("role_definition__name", flat=True))
    assert held == {"Looker", "Team Member"}
    assert live.get("AWX_TASK_ENV") == {"A": "b"}


def re_exported(text):
    """A file as it is without its secrets: sealed values go, secret survey defaults are empty."""
    parts = [unsealed(json.loads(line)) if line else None for line in text.split("\n")]
    return "\n".join(json.dumps(p, ensure_ascii=False, separators=(",", ":")) if p else "" for p in parts)


def unsealed(value):
    if isinstance(value, list):
        return [unsealed(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, item in value.items():
        if isinstance(item, dict) and set(item) == {"$sealed"}:
            if name == "default":
                out[name] = ""
        else:
            out[name] = unsealed(item)
    return out


def test_twice_is_once(everything, tmp_path):
    text = export("--with-secrets")
    for _ in range(2):
        report = take_in(text, tmp_path)
        assert "made" not in report
        assert "changed" not in report


def test_what_differs_is_changed_and_secrets_that_the_file_lacks_stay(everything, tmp_path):
    text = export()
    JobTemplate.objects.update(playbook="other.yml")
    Host.objects.filter(name="h1").update(variables="z: 9")
    report = take_in(text, tmp_path)
    assert "job templates: 1 changed" in report
    assert "hosts: 1 changed" in report
    template = JobTemplate.objects.get()
    assert (template.playbook, template.host_config_key) == ("site.yml", SECRET)
    assert surveys.opened(template.survey_spec["spec"][0]) == SECRET
    assert Credential.objects.get(name="vend").inputs["token"] == SECRET


def test_a_dry_run_changes_nothing(everything, tmp_path):
    text = export()
    JobTemplate.objects.update(playbook="other.yml")
    report = take_in(text, tmp_path, "--dry-run")
    assert "job templates: 1 changed" in report
    assert "Nothing was changed" in report
    assert JobTemplate.objects.get().playbook == "other.yml"


def test_no_secret_is_readable_in_either_file(everything):
    assert SECRET not in export()
    sealed = export("--with-secrets")
    assert SECRET not in sealed
    assert sealed.count("$sealed") == 6  # the proof, an input, a configuration, a key, a client's secret, an answer
    assert "pbkdf2" not in sealed


def test_a_wrong_passphrase_changes_nothing(everything, tmp_path, monkeypatch):
    text = export("--with-secrets")
    monkeypatch.setenv("AWX_LITE_PASSPHRASE", "something else")
    with pytest.raises(CommandError, match="passphrase does not open"):
        take_in(text, tmp_path)
    assert "same" in take_in(text, tmp_path, "--without-secrets")
    monkeypatch.setenv("AWX_LITE_PASSPHRASE", "short")
    with pytest.raises(CommandError, match="at least 8"):
        export("--with-secrets")


def test_a_line_that_cannot_be_taken_in_is_named_and_the_others_are(everything, tmp_path):
    lines = export().split("\n")
    broken = json.dumps({"kind": "teams", "key": ["t", {"kind": "organizations", "key": ["gone"]}], "data": {}})
    with pytest.raises(CommandError, match="teams t/gone: no organizations gone"):
        take_in("\n".join([lines[0], broken, *lines[1:]]).replace("site.yml", "new.yml"), tmp_path)
    assert JobTemplate.objects.get().playbook == "new.yml"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "no json", '{"awx_lite": "configuration", "format": 99}'])
def test_other_files_are_refused(db, tmp_path, text):
    with pytest.raises(CommandError):
        take_in(text, tmp_path)


def test_rules_of_the_models_hold(everything, tmp_path):
    text = export().replace("FREQ=DAILY;INTERVAL=1", "FREQ=NEVER")
    with pytest.raises(CommandError, match="schedules daily"):
        take_in(text, tmp_path)
