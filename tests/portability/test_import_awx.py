"""import_awx: everything that people made comes over, secrets and tokens go on working, nothing is taken by half."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from rest_framework.test import APIClient

from apps.conf import live
from apps.core import crypto
from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import preload as preload_credentials
from apps.identity.models import ExternalAccount, Organization, Team, User
from apps.inventory.models import Group, Host, Inventory, InventorySource
from apps.jobs.models import JobTemplate
from apps.jobs.surveys import LABEL
from apps.notifications.models import NotificationTemplate
from apps.oauth.models import OAuth2AccessToken, OAuth2Application
from apps.projects.models import Project
from apps.rbac.models import RoleDefinition
from apps.unified.models import Schedule
from apps.workflows.models import WorkflowJobTemplate, WorkflowJobTemplateNode

from .awx import encrypted, people, secrets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def types(old):
    """The credential types that every server brings along."""
    preload_credentials()


@pytest.fixture
def take(old, key_file, capsys):
    """`take(*flags)` imports and returns what was printed."""

    def run(*flags):
        call_command("import_awx", "--database", old.address, "--secret-key-file", str(key_file), *flags)
        return capsys.readouterr().out

    return run


def test_people_keep_their_accounts_at_sign_on_services(old, take, admin):
    who = people(old)
    old.add("social_auth_usersocialauth", user_id=who["ann"], provider="github", uid="4711")
    old.add("social_auth_usersocialauth", user_id=who["ann"], provider="saml", uid="idp:ann")
    old.add("sso_userenterpriseauth", user_id=who["ann"], provider="saml")
    ray = old.add("auth_user", id=43, username="ray", password=make_password(None))
    old.add("sso_userenterpriseauth", user_id=ray, provider="radius")
    take()
    take()
    rows = ExternalAccount.objects.values_list("user__username", "provider", "uid")
    assert set(rows) == {("ann", "github", "4711"), ("ann", "saml", "idp:ann"), ("ray", "radius", "ray")}
    assert len(rows) == 3


def test_people_keep_their_passwords_ids_and_places(old, take, admin):
    who = people(old)
    old.add("main_rbac_roles_members", role_id=old.role("organization", who["org"], "admin_role"), user_id=who["ann"])
    take()
    ann = User.objects.get(username="ann")
    assert ann.pk == 41
    assert ann.check_password("pw-ann")
    assert User.objects.get(username="lee").external_source == "ldap"
    assert User.objects.get(username="admin").check_password("admin"), "who is here already stays as he is"
    org = Organization.objects.get(name="Mills")
    assert org.pk == 7
    assert org.created_by == ann
    assert org.pk in ann.administered()
    assert Team.objects.get(name="millers").organization == org


def test_an_id_that_is_taken_here_gives_way(old, take):
    here = Organization.objects.create(pk=7, name="Here before")
    people(old)
    take()
    moved = Organization.objects.get(name="Mills")
    assert moved.pk != here.pk
    assert Team.objects.get(name="millers").organization == moved
    assert Organization.objects.get(pk=7) == here


def test_credentials_are_decrypted_and_encrypted_again(old, take):
    secrets(old, people(old)["org"])
    report = take()
    assert Credential.objects.get(name="ssh").inputs == {"username": "root", "password": "hush"}
    mill = Credential.objects.get(name="mill")
    assert mill.inputs == {"token": "t0ken"}
    assert mill.credential_type.injectors == {"env": {"MILL_TOKEN": "{{ token }}"}}
    assert Credential.objects.get(name="ssh").credential_type == CredentialType.objects.get(namespace="ssh")
    assert not Credential.objects.filter(name="odd one").exists()
    assert "odd one" in report
    assert "no such type" in report


def test_a_wrong_key_takes_nothing(old, key_file):
    secrets(old, people(old)["org"])
    key_file.write_text("another key")
    with pytest.raises(CommandError, match="Nothing was taken"):
        call_command("import_awx", "--database", old.address, "--secret-key-file", str(key_file))
    assert not Organization.objects.filter(name="Mills").exists()


def test_a_dry_run_reports_and_takes_nothing(old, take):
    people(old)
    report = take("--dry-run")
    assert "organizations" in report
    assert "dry run" in report
    assert not User.objects.filter(username="ann").exists()


def test_a_second_run_changes_nothing(old, take):
    workshop(old)
    take()
    before = {model: model._base_manager.count() for model in (User, Credential, JobTemplate, Host, Group, Schedule,
              WorkflowJobTemplateNode, Group.hosts.through, OAuth2AccessToken)}  # fmt: skip
    take()
    assert {model: model._base_manager.count() for model in before} == before


def test_inventories_come_with_hosts_groups_and_facts(old, take):
    org = people(old)["org"]
    inventory = old.add("main_inventory", name="barn", organization_id=org, variables="a: 1")
    hosts = [old.add("main_host", name=f"h{n}", inventory_id=inventory, variables="x: 1") for n in range(3)]
    old.add("main_host", name="facts", inventory_id=inventory, ansible_facts={"os": "Debian"})
    old.add("main_host", name="broken", inventory_id=inventory, variables="a: [")
    top, below = (old.add("main_group", name=name, inventory_id=inventory) for name in ("top", "below"))
    old.add("main_group_parents", from_group_id=below, to_group_id=top)
    for host in hosts:
        old.add("main_group_hosts", group_id=below, host_id=host)
    gone = old.add("main_inventory", name="going", organization_id=org, pending_deletion=True)
    old.add("main_host", name="with it", inventory_id=gone)
    report = take()
    barn = Inventory.objects.get(name="barn")
    assert list(Group.objects.get(name="top").children.values_list("name", flat=True)) == ["below"]
    assert Group.objects.get(name="below").hosts.count() == 3
    assert Host.objects.get(name="facts").facts.data == {"os": "Debian"}
    assert set(barn.hosts.values_list("name", flat=True)) == {"h0", "h1", "h2", "facts"}
    assert "broken: " in report
    assert not Inventory.objects.filter(name="going").exists()


def workshop(old):
    """Templates of each kind that belong together; returns their ids."""
    who = people(old)
    keys = secrets(old, who["org"])
    here = {"organization_id": who["org"]}
    project = old.template(
        "main_project", "plans", here, scm_type="git", scm_url="https://git.example.com/p.git", scm_revision="abc"
    )
    inventory = old.add("main_inventory", name="barn", organization_id=who["org"])
    old.add("main_host", name="h", inventory_id=inventory)
    source = old.template("main_inventorysource", "cloud", source="ec2", inventory_id=inventory)
    survey = {"name": "", "description": "", "spec": [{"question_name": "Key?", "variable": "key", "type": "password",
              "required": True, "default": encrypted("sesame", "value")}]}  # fmt: skip
    job = old.template("main_jobtemplate", "grind", here, playbook="grind.yml", project_id=project,
                       inventory_id=inventory, survey_enabled=True, survey_spec=survey,
                       webhook_key="wk", host_config_key="hk")  # fmt: skip
    old.add("main_unifiedjobtemplate_credentials", unifiedjobtemplate_id=job, credential_id=keys["ssh"])
    flow = old.template("main_workflowjobtemplate", "day", here, char_prompts={"limit": "h"})
    approval = old.template("main_workflowapprovaltemplate", "may we?", timeout=60)
    nodes = [
        old.add("main_workflowjobtemplatenode", workflow_job_template_id=flow, unified_job_template_id=pk,
                identifier=name, extra_data=data)
        for name, pk, data in (("one", job, {"key": encrypted("open", "value"), "b": 1}), ("two", approval, {}))
    ]  # fmt: skip
    old.add(
        "main_workflowjobtemplatenode_success_nodes",
        from_workflowjobtemplatenode_id=nodes[0],
        to_workflowjobtemplatenode_id=nodes[1],
    )
    old.add("main_schedule", name="nightly", unified_job_template_id=job,
            rrule="DTSTART:20200101T000000Z RRULE:FREQ=DAILY", next_run="2024-01-01T00:00:00Z",
            extra_data={"key": encrypted("open", "value")})  # fmt: skip
    old.add("main_oauth2accesstoken", token="tok-of-ann", expires=timezone.now() + timedelta(days=9), scope="write",
            user_id=who["ann"])  # fmt: skip
    return {**who, "project": project, "job": job, "flow": flow, "source": source}


def test_templates_keep_ids_links_and_secrets(old, take):
    made = workshop(old)
    take()
    job = JobTemplate.objects.get(name="grind")
    assert job.pk == made["job"]
    assert job.project == Project.objects.get(name="plans")
    assert (job.webhook_key, job.host_config_key, job.playbook) == ("wk", "hk", "grind.yml")
    assert job.credentials.get().name == "ssh"
    assert job.organization.name == "Mills"
    default = job.survey_spec["spec"][0]["default"]
    assert crypto.decrypt(default, LABEL) == "sesame"
    assert "sesame" not in default
    assert InventorySource.objects.get(name="cloud").inventory.name == "barn"
    project = Project.objects.get(name="plans")
    assert project.scm_revision == ""
    assert project.status != "successful", "nothing is checked out here yet"


def test_workflows_come_with_nodes_edges_prompts_and_approvals(old, take):
    workshop(old)
    take()
    flow = WorkflowJobTemplate.objects.get(name="day")
    first = WorkflowJobTemplateNode.objects.get(workflow_job_template=flow, identifier="one")
    assert flow.char_prompts == {"limit": "h"}
    assert first.extra_data == {"key": "$encrypted$", "b": 1}
    assert first.secret_answers() == {"key": "open"}
    assert first.success_nodes.get().unified_job_template.name == "may we?"


def test_schedules_run_next_in_the_future_and_can_be_switched_off(old, take):
    workshop(old)
    take("--disable-schedules")
    nightly = Schedule.objects.get(name="nightly")
    assert not nightly.enabled
    assert nightly.next_run is None
    Schedule.objects.all().delete()
    take()
    nightly = Schedule.objects.get(name="nightly")
    assert nightly.enabled
    assert nightly.next_run > timezone.now()


def test_existing_tokens_and_applications_go_on_working(old, take):
    who = people(old)
    app = old.add("main_oauth2application", client_id="cid", client_type="confidential", name="app",
                  authorization_grant_type="password", client_secret=encrypted("cs", "value"),
                  organization_id=who["org"])  # fmt: skip
    soon, past = timezone.now() + timedelta(days=300), timezone.now() - timedelta(days=1)
    old.add("main_oauth2accesstoken", token="personal", expires=soon, scope="read", user_id=who["ann"])
    token = old.add("main_oauth2accesstoken", token="of-app", expires=soon, scope="write", user_id=who["ann"],
                    application_id=app)  # fmt: skip
    old.add("main_oauth2accesstoken", token="stale", expires=past, scope="write", user_id=who["ann"])
    old.add("main_oauth2refreshtoken", token="again", access_token_id=token, application_id=app, user_id=who["ann"])
    take()

    def me(bearer):
        return APIClient().get("/api/v2/me/", HTTP_AUTHORIZATION=f"Bearer {bearer}")

    assert me("personal").json()["results"][0]["username"] == "ann"
    assert me("stale").status_code == 401
    assert OAuth2Application.objects.get(client_id="cid").holds_secret("cs")
    answer = APIClient().post(
        "/api/o/token/", "grant_type=refresh_token&refresh_token=again&client_id=cid&client_secret=cs",
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert not OAuth2AccessToken.objects.filter(token__contains="personal").exists()


def test_teams_roles_and_own_role_definitions_come_over(old, take):
    made = workshop(old)
    execute, member = (
        old.role("jobtemplate", made["job"], "execute_role"),
        old.role("team", made["team"], "member_role"),
    )
    old.add("main_rbac_roles_parents", from_role_id=execute, to_role_id=member)
    old.add("main_rbac_roles_members", role_id=member, user_id=made["lee"])
    auditor = old.add("main_rbac_roles", singleton_name="system_auditor", role_field="system_auditor")
    old.add("main_rbac_roles_members", role_id=auditor, user_id=made["ann"])
    view = old.add("dab_rbac_dabpermission", codename="view_inventory", content_type_id=old.types["inventory"])
    reading = old.add("dab_rbac_roledefinition", name="Looker", content_type_id=old.types["inventory"])
    old.add("dab_rbac_roledefinition_permissions", roledefinition_id=reading, dabpermission_id=view)
    old.add("dab_rbac_roleuserassignment", role_definition_id=reading, user_id=made["lee"], object_id="1",
            content_type_id=old.types["inventory"])  # fmt: skip
    take()
    lee = User.objects.get(username="lee")
    assert JobTemplate.objects.permitted_to(lee, "execute").get().name == "grind", "by his team"
    assert User.objects.get(username="ann").is_system_auditor
    assert RoleDefinition.objects.get(name="Looker").permissions == ["view_inventory"]
    assert Inventory.objects.visible_to(lee).get().name == "barn"


def test_settings_and_notification_secrets_come_over(old, take):
    org = people(old)["org"]
    note = old.add("main_notificationtemplate", name="mail", notification_type="slack", organization_id=org)
    old.secret("main_notificationtemplate", "notification_configuration", note,
               {"token": encrypted("xoxb", "notification_configuration", note), "channels": ["#a"]})  # fmt: skip
    old.add("conf_setting", key="SESSION_COOKIE_AGE", value="3600")
    secret = old.add("conf_setting", key="REDHAT_PASSWORD", value='""')
    old.secret("conf_setting", "value", secret, encrypted("rh", "value", secret))
    old.add("conf_setting", key="INSTALL_UUID", value='"x"')
    old.add("conf_setting", key="MAX_FORKS", value='"many"')
    report = take()
    assert NotificationTemplate.objects.get(name="mail").notification_configuration["token"] == "xoxb"
    assert live.get("SESSION_COOKIE_AGE") == 3600
    assert live.get("REDHAT_PASSWORD") == "rh"
    assert "INSTALL_UUID" in report
    assert "MAX_FORKS" in report


def test_user_text_that_would_be_an_option_is_left_out(old, take):
    org = people(old)["org"]
    old.template("main_project", "evil", {"organization_id": org}, scm_type="git", scm_url="--upload-pack=x")
    assert "evil" in take()
    assert not Project.objects.filter(name="evil").exists()


def test_what_is_no_awx_is_refused(old, key_file):
    with old.connection.cursor() as cursor:
        cursor.execute("DROP TABLE main_organization")
    with pytest.raises(CommandError, match="not the database of an AWX"):
        call_command("import_awx", "--database", old.address, "--secret-key-file", str(key_file))
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("import_awx", "--database", "postgres://x:y@127.0.0.1:1/z", "--secret-key-file", str(key_file))


def test_the_content_types_of_templates_are_ours(old, take):
    workshop(old)
    take()
    job = JobTemplate.objects.get(name="grind")
    assert job.polymorphic_ctype == ContentType.objects.get_for_model(JobTemplate)
