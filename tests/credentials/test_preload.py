"""What a fresh server has, and what every new organization gets."""

import pytest

from apps.core import context
from apps.credentials.models import Credential
from apps.credentials.services import preload
from apps.identity.models import Organization

pytestmark = pytest.mark.django_db


def test_a_fresh_server_has_a_demo_credential_and_the_public_galaxy(admin):
    default = Organization.objects.create(name="Default")
    with context.acting_as(admin):
        preload()
        preload()
    demo = Credential.objects.get(name="Demo Credential")
    assert (demo.inputs, demo.kind, demo.organization, demo.created_by) == ({"username": "admin"}, "ssh", None, admin)
    assert list(default.galaxy_credentials.all()) == [Credential.objects.get(name="Ansible Galaxy", managed=True)]


def test_what_was_changed_stays_so(admin):
    with context.acting_as(admin):
        preload()
        Credential.objects.filter(name="Demo Credential").update(description="mine")
        preload()
    assert Credential.objects.get(name="Demo Credential").description == "mine"


def test_new_organizations_install_from_the_public_galaxy(admin, api):
    with context.acting_as(admin):
        preload()
    made = api(admin).post("/api/v2/organizations/", {"name": "new"}).json()
    found = api(admin).get(f"/api/v2/organizations/{made['id']}/galaxy_credentials/").json()
    assert [row["name"] for row in found["results"]] == ["Ansible Galaxy"]
    assert api(admin).delete(f"/api/v2/credentials/{found['results'][0]['id']}/").status_code == 403
