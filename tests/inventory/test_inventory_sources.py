"""/inventory_sources/: what goes together, who starts updates, and which of them a job waits for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.inventory.models import InventorySource, InventoryUpdate
from apps.inventory.services import updates
from apps.projects.models import Project

pytestmark = pytest.mark.django_db
URL = "/api/v2/inventory_sources/"


@pytest.fixture
def project(farm):
    return Project.objects.create(name="p", organization=farm.org, scm_type="git", scm_url="https://x.example/y")


@pytest.fixture
def credential(farm):
    sync_managed_types()

    def make(namespace):
        kind = CredentialType.objects.get(namespace=namespace)
        return Credential.objects.create(name=namespace, organization=farm.org, credential_type=kind)

    return make


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "source"),
        ({"source": "punchcards"}, "source"),
        ({"source": "constructed"}, "source"),
        ({"source": "scm"}, "source_project"),
        ({"source": "gce"}, "credential"),
        ({"source": "ec2", "credential": 99999}, "credential"),
        ({"source": "ec2", "source_path": "x"}, "detail"),
        ({"source": "ec2", "source_vars": "{a"}, "source_vars"),
        ({"source": "ec2", "source_vars": "HOME: /tmp"}, "source_vars"),
        ({"source": "ec2", "verbosity": 5}, "verbosity"),
        ({"source": "ec2", "update_cache_timeout": -1}, "update_cache_timeout"),
        ({"source": "ec2", "name": "taken"}, "__all__"),
    ],
)
def test_bad_input_names_the_field(farm, body, field):
    InventorySource.objects.create(name="taken", inventory=farm.inventory, source="ec2")
    answer = farm.as_("admin").post(URL, {"name": "s", "inventory": farm.inventory.pk} | body, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize("path", ["../etc", "/etc/passwd", "a/../../b", "-x"])
def test_a_path_lies_inside_the_project(farm, project, path):
    body = {"name": "s", "inventory": farm.inventory.pk, "source": "scm", "source_project": project.pk}
    answer = farm.as_("admin").post(URL, body | {"source_path": path}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["source_path"])


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "ANSIBLE_LIBRARY", "BASH_ENV"])
def test_variables_of_scm_sources_are_no_dangerous_environment(farm, project, name):
    body = {"name": "s", "inventory": farm.inventory.pk, "source": "scm", "source_project": project.pk}
    answer = farm.as_("admin").post(URL, body | {"source_vars": f"{name}: x"}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["source_vars"])


def test_the_project_must_be_usable_and_so_must_the_credential(farm, project, credential):
    aws = credential("aws")
    body = {"name": "s", "inventory": farm.inventory.pk, "source": "scm", "source_project": project.pk}
    assert farm.as_("adm").post(URL, body, format="json").status_code == 403
    body = {"name": "s", "inventory": farm.inventory.pk, "source": "ec2", "credential": aws.pk}
    assert farm.as_("adm").post(URL, body, format="json").status_code == 403
    assert farm.as_("oa").post(URL, body, format="json").json()["credential"] == aws.pk


def test_a_credential_of_another_kind_is_refused_also_when_linked(farm, credential):
    ssh, aws = credential("ssh"), credential("aws")
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    url = f"{URL}{source.pk}/credentials/"
    assert farm.as_("oa").post(url, {"id": ssh.pk}, format="json").status_code == 400
    assert farm.as_("oa").post(url, {"id": aws.pk}, format="json").status_code == 204
    shown = farm.as_("rea").get(f"{URL}{source.pk}/").json()
    assert (shown["credential"], shown["summary_fields"]["credential"]["kind"]) == (aws.pk, "aws")


@pytest.mark.parametrize(("who", "status"), [("adm", 202), ("upd", 202), ("use", 403), ("out", 404)])
def test_the_update_role_starts_updates(farm, who, status):
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    answer = farm.as_(who).post(f"{URL}{source.pk}/update/", {}, format="json")
    assert answer.status_code == status
    if status == 202:
        update = InventoryUpdate.objects.get()
        assert (answer.json()["inventory_update"], answer.json()["name"]) == (update.pk, "barn - s")
        assert update.status == "pending"


def test_what_cannot_be_updated_says_so(farm):
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="gce")
    assert farm.as_("rea").get(f"{URL}{source.pk}/update/").json() == {"can_update": False}
    assert farm.as_("adm").post(f"{URL}{source.pk}/update/", {}, format="json").status_code == 405
    answer = farm.as_("adm").post(f"/api/v2/inventories/{farm.inventory.pk}/update_inventory_sources/", {})
    assert answer.status_code == 400


def test_a_job_waits_for_sources_that_are_too_old(farm):
    source = InventorySource.objects.create(
        name="s", inventory=farm.inventory, source="ec2", update_on_launch=True, update_cache_timeout=60
    )
    InventorySource.objects.create(name="t", inventory=farm.inventory, source="ec2")
    assert updates.sources_to_update(farm.inventory) == [source]
    InventorySource.objects.filter(pk=source.pk).update(status="successful", last_job_run=timezone.now())
    assert updates.sources_to_update(farm.inventory) == []
    ago = timezone.now() - timedelta(seconds=61)
    InventorySource.objects.filter(pk=source.pk).update(last_job_run=ago)
    assert updates.sources_to_update(farm.inventory) == [source]


def test_deleting_a_source_keeps_its_hosts_and_drops_its_updates(farm):
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    farm.host("h").inventory_sources.add(source)
    source.inventory_updates.create(name="u", inventory=farm.inventory, source="ec2", status="successful")
    assert farm.as_("adm").delete(f"{URL}{source.pk}/").status_code == 204
    assert not InventoryUpdate.objects.exists()
    assert farm.inventory.hosts.count() == 1


def test_the_hosts_of_a_source_can_be_deleted_at_once(farm):
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    farm.host("mine").inventory_sources.add(source)
    farm.host("other")
    url = f"{URL}{source.pk}/hosts/"
    assert farm.as_("use").delete(url).status_code == 403
    assert farm.as_("adm").delete(url).status_code == 204
    assert list(farm.inventory.hosts.values_list("name", flat=True)) == ["other"]


def test_the_source_of_a_constructed_inventory_is_fixed_but_for_its_options(farm):
    body = {"name": "c", "organization": farm.org.pk, "source_vars": "plugin: constructed", "limit": "web"}
    made = farm.as_("oa").post("/api/v2/constructed_inventories/", body, format="json").json()
    source = InventorySource.objects.get(inventory=made["id"])
    assert (made["kind"], made["limit"], source.overwrite, source.update_on_launch) == (
        "constructed",
        "web",
        True,
        True,
    )
    client = farm.as_("oa")
    assert client.patch(f"{URL}{source.pk}/", {"overwrite": False}, format="json").status_code == 400
    assert client.patch(f"{URL}{source.pk}/", {"verbosity": 2}, format="json").json()["verbosity"] == 2
    more = client.post(f"/api/v2/inventories/{made['id']}/inventory_sources/", {"name": "x", "source": "ec2"})
    assert (more.status_code, list(more.json())) == (400, ["inventory"])
