"""What the tests of templates and jobs begin with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import Organization
from apps.inventory.models import Host, Inventory
from apps.jobs.models import JobTemplate
from apps.projects.models import Project
from apps.rbac import services


@pytest.fixture
def shop(admin: Any, api: Any) -> Any:
    """An inventory of two hosts, a synchronised project and a template of them; `shop.api` is the administrator."""
    sync_managed_types()
    organization = Organization.objects.create(name="shop")
    inventory = Inventory.objects.create(name="inv", organization=organization, total_hosts=2)
    for name in ("one", "two"):
        Host.objects.create(name=name, inventory=inventory)
    project = Project.objects.create(
        name="proj", organization=organization, scm_type="git", scm_url="https://example.com/x.git",
        scm_revision="a" * 40, status="successful", playbook_files=["hello_world.yml", "other.yml"],
    )  # fmt: skip
    template = JobTemplate.objects.create(name="jt", inventory=inventory, project=project, playbook="hello_world.yml")
    return SimpleNamespace(
        admin=admin, api=api(admin), organization=organization, inventory=inventory, project=project, template=template,
        url=f"/api/v2/job_templates/{template.pk}/",
    )  # fmt: skip


@pytest.fixture
def credential(shop: Any) -> Any:
    """`credential("ssh", username="u")`: a new credential of a managed type."""
    numbers = iter(range(100))

    def new(namespace: str, **inputs: Any) -> Any:
        kind = CredentialType.objects.get(namespace=namespace)
        name = f"{namespace}-{next(numbers)}"
        return Credential.objects.create(name=name, credential_type=kind, organization=shop.organization, inputs=inputs)

    return new


@pytest.fixture
def person(shop: Any) -> Any:
    """`person("jim", (obj, "execute_role"), …)`: a user with some roles."""

    def new(name: str, *roles: tuple[Any, str]) -> Any:
        user = get_user_model().objects.create_user(username=name, password="x")
        for obj, role in roles:
            services.grant(obj.role(role), user=user)
        return user

    return new
