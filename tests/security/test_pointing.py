"""What a body points to is asked about as if it were posted: copies, bulk launches, links, grants.

CVE-2026-84719, CVE-2026-76648 (copies), CVE-2026-84689 (nodes of bulk launches), CVE-2020-14329 (labels).
"""

from __future__ import annotations

import pytest

from apps.core.prefixes import ROOT
from apps.identity.models import Label, Organization, Team, User
from apps.rbac import services
from apps.rbac.models import RoleDefinition
from apps.workflows.models import WorkflowJob
from tests.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(admin):
    """What amy administers."""
    return World(admin)


@pytest.fixture
def theirs(admin):
    """What she knows nothing of."""
    return World(admin)


@pytest.fixture
def amy(mine):
    return mine.member


@pytest.fixture
def pair(mine, theirs, amy):
    return mine, theirs, amy


# field, the resource whose field it is, the resource that it points to
FIELDS = (
    ("job_templates", "inventory", "inventories"), ("job_templates", "project", "projects"),
    ("job_templates", "execution_environment", "execution_environments"),
    ("job_templates", "webhook_credential", "credentials"), ("projects", "credential", "credentials"),
    ("projects", "organization", "organizations"), ("projects", "default_environment", "execution_environments"),
    ("inventories", "organization", "organizations"), ("credentials", "organization", "organizations"),
    ("inventory_sources", "source_project", "projects"),
    ("inventory_sources", "execution_environment", "execution_environments"),
    ("execution_environments", "credential", "credentials"),
    ("execution_environments", "organization", "organizations"),
    ("notification_templates", "organization", "organizations"), ("hosts", "inventory", "inventories"),
    ("organizations", "default_environment", "execution_environments"), ("labels", "organization", "organizations"),
)  # fmt: skip


@pytest.mark.parametrize(("slug", "field", "target"), FIELDS)
def test_a_field_cannot_point_to_what_is_hidden(api, pair, slug, field, target):
    mine, theirs, amy = pair
    obj, hidden = mine.make(slug), theirs.make(target)
    answer = api(amy).patch(f"{ROOT}{slug}/{obj.pk}/", {field: hidden.pk}, format="json")
    before = getattr(obj, f"{field}_id")
    obj.refresh_from_db()
    assert answer.status_code in (400, 403), answer.json()
    assert getattr(obj, f"{field}_id") == before


# parent, sub-list, child
LINKS = (
    ("job_templates", "credentials", "credentials"), ("job_templates", "labels", "labels"),
    ("job_templates", "instance_groups", "instance_groups"),
    ("job_templates", "notification_templates_error", "notification_templates"),
    ("inventories", "instance_groups", "instance_groups"), ("inventories", "labels", "labels"),
    ("organizations", "galaxy_credentials", "credentials"), ("organizations", "instance_groups", "instance_groups"),
    ("organizations", "notification_templates_error", "notification_templates"), ("groups", "hosts", "hosts"),
    ("projects", "notification_templates_error", "notification_templates"), ("groups", "children", "groups"),
    ("inventory_sources", "credentials", "credentials"), ("hosts", "groups", "groups"),
)  # fmt: skip


@pytest.mark.parametrize(("slug", "segment", "child"), LINKS)
def test_a_hidden_object_is_not_linked(api, pair, slug, segment, child):
    mine, theirs, amy = pair
    obj, hidden = (mine.organization if slug == "organizations" else mine.make(slug)), theirs.make(child)
    url = f"{ROOT}{slug}/{obj.pk}/{segment}/"
    answer = api(amy).post(url, {"id": hidden.pk}, format="json")
    assert answer.status_code in (400, 403, 404), answer.content
    assert api(mine.admin).get(url).json()["count"] == 0


def test_a_copy_leaves_out_what_the_copier_may_not_use(api, mine, theirs, amy):
    template, hidden = mine.template, theirs.make("credentials")
    template.credentials.add(hidden)
    answer = api(amy).post(f"{ROOT}job_templates/{template.pk}/copy/", {"name": "twin"}, format="json")
    if answer.status_code == 201:
        twin = type(template).objects.get(pk=answer.json()["id"])
        assert list(twin.credentials.all()) == []
    else:
        assert answer.status_code in (400, 403)


def test_a_copy_needs_the_organization_it_goes_to(api, mine, theirs, amy):
    inventory = mine.inventory
    reader = theirs.member
    services.grant(inventory.role("read_role"), user=reader)
    answer = api(reader).post(f"{ROOT}inventories/{inventory.pk}/copy/", {"name": "twin"}, format="json")
    assert answer.status_code == 403


BULK = ("inventory", "execution_environment", "credentials", "labels", "instance_groups")


@pytest.mark.parametrize("field", BULK)
def test_a_node_of_a_bulk_launch_names_only_what_may_be_used(api, mine, theirs, amy, field):
    slug = {"inventory": "inventories", "execution_environment": "execution_environments"}.get(field, field)
    template, hidden = mine.template, theirs.make(slug)
    asks = {f.name: True for f in template._meta.concrete_fields if f.name.startswith("ask_")}
    type(template).objects.filter(pk=template.pk).update(**asks)
    value = [hidden.pk] if field in ("credentials", "labels", "instance_groups") else hidden.pk
    body = {"jobs": [{"unified_job_template": template.pk, field: value}], "organization": mine.organization.pk}
    answer = api(amy).post(f"{ROOT}bulk/job_launch/", body, format="json")
    assert answer.status_code in (400, 403), answer.json()
    assert not WorkflowJob.objects.exists()


@pytest.mark.parametrize(
    "field",
    ["workflow_job", "job", "do_not_run", "created", "organization", "previous_job", "workflow_job_id", "status"],
)
def test_a_node_of_a_bulk_launch_sets_nothing_else(api, mine, theirs, amy, field):
    other, home = theirs.make("jobs"), mine.organization.pk
    node = {"unified_job_template": mine.template.pk, field: other.pk}
    answer = api(amy).post(f"{ROOT}bulk/job_launch/", {"jobs": [node], "organization": home}, format="json")
    if answer.status_code == 201:  # what a node has no field for is ignored, as AWX does
        made = WorkflowJob.objects.get()
        row = made.workflow_job_nodes.get()
        assert (row.job_id, row.do_not_run, made.organization_id, row.workflow_job_id) == (None, False, home, made.pk)
        assert made.status == "pending"
        other.refresh_from_db()
        assert other.status == "successful"
    else:
        assert answer.status_code == 400


def test_a_bulk_launch_belongs_to_an_organization_of_the_launcher(api, mine, theirs, amy):
    body = {"jobs": [{"unified_job_template": mine.template.pk}], "organization": theirs.organization.pk}
    assert api(amy).post(f"{ROOT}bulk/job_launch/", body, format="json").status_code in (400, 403)


def test_a_bulk_launch_starts_no_hidden_template(api, mine, theirs, amy):
    body = {"jobs": [{"unified_job_template": theirs.template.pk}], "organization": mine.organization.pk}
    assert api(amy).post(f"{ROOT}bulk/job_launch/", body, format="json").status_code in (400, 403)


@pytest.mark.parametrize("path", ["role_user_assignments", "users", "roles"])
def test_nobody_grants_what_he_does_not_administer(api, mine, theirs, amy, path):
    hidden = theirs.inventory
    role, definition = hidden.role("use_role"), RoleDefinition.objects.get(name="Inventory Use")
    grant = {"user": amy.pk, "object_id": hidden.pk, "role_definition": definition.pk}
    bodies = {
        "role_user_assignments": ("role_user_assignments/", grant),
        "users": (f"users/{amy.pk}/roles/", {"id": role.pk}),
        "roles": (f"roles/{role.pk}/users/", {"id": amy.pk}),
    }  # fmt: skip
    url, body = bodies[path]
    assert api(amy).post(f"{ROOT}{url}", body, format="json").status_code in (400, 403, 404)
    assert api(amy).get(f"{ROOT}inventories/{hidden.pk}/").status_code == 404


def test_nobody_makes_himself_a_superuser(api, mine, amy):
    for field in ("is_superuser", "is_system_auditor"):
        assert api(amy).patch(f"{ROOT}users/{amy.pk}/", {field: True}, format="json").status_code in (400, 403)
        body = {"username": f"new-{field}", "password": "Long-pw-12", field: True}
        answer = api(amy).post(f"{ROOT}organizations/{mine.organization.pk}/users/", body, format="json")
        assert answer.status_code in (400, 403) or not answer.json()[field]
    assert not User.objects.filter(is_superuser=True).exclude(pk=mine.admin.pk).exists()


def test_labels_of_another_organization_stay_hidden(api, mine, theirs, amy):
    Label.objects.create(name="secret project", organization=theirs.organization)
    client = api(amy)
    assert client.get(f"{ROOT}labels/").json()["count"] == 0
    assert client.get(f"{ROOT}labels/?search=secret").json()["count"] == 0
    answer = client.post(f"{ROOT}labels/", {"name": "x", "organization": theirs.organization.pk}, format="json")
    assert answer.status_code in (400, 403)


def test_a_team_passes_on_nothing_after_it_is_left(api, mine, amy):
    user, team = User.objects.create_user("ted"), Team.objects.create(name="t", organization=mine.organization)
    services.grant(mine.inventory.role("read_role"), team=team)
    services.grant(team.role("member_role"), user=user)
    url = f"{ROOT}inventories/{mine.inventory.pk}/"
    assert api(user).get(url).status_code == 200
    services.revoke(team.role("member_role"), user=user)
    assert api(user).get(url).status_code == 404
    assert Organization.objects.filter(pk=mine.organization.pk).exists()
