"""preload: what a fresh server has, made once, however often it is called."""

import pytest
from django.core.management import CommandError, call_command

from apps.credentials.models import Credential, CredentialType
from apps.identity.models import Organization, User
from apps.instances.models import Instance, InstanceGroup
from apps.inventory.models import Host
from apps.jobs.models import JobTemplate
from apps.projects.models import Project
from apps.system.models import SystemJobTemplate
from apps.unified.models import Schedule

pytestmark = pytest.mark.django_db
KINDS = (
    *(Credential, CredentialType, Organization, User, Instance, InstanceGroup, Host, JobTemplate, Project),
    *(SystemJobTemplate, Schedule),
)


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("AWX_LITE_ADMIN_PASSWORD", "Secret-17")


def counts():
    return {kind.__name__: kind.objects.count() for kind in KINDS}


def test_a_fresh_server_has_what_awx_preloads(password):
    call_command("preload")
    assert User.objects.get(username="admin").check_password("Secret-17")
    assert Organization.objects.filter(name="Default").exists()
    assert Credential.objects.filter(name="Demo Credential").exists()
    assert Project.objects.filter(name="Demo Project").exists()
    assert Host.objects.filter(name="localhost", inventory__name="Demo Inventory").exists()
    assert JobTemplate.objects.filter(name="Demo Job Template").exists()
    assert set(InstanceGroup.objects.values_list("name", flat=True)) >= {"default", "controlplane"}
    assert SystemJobTemplate.objects.count() == Schedule.objects.count() == 4


def test_a_second_time_nothing_changes(password):
    call_command("preload")
    before = counts()
    call_command("preload")
    assert counts() == before


def test_without_a_password_nobody_could_log_in(monkeypatch):
    monkeypatch.delenv("AWX_LITE_ADMIN_PASSWORD", raising=False)
    with pytest.raises(CommandError):
        call_command("preload")
