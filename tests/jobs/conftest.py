"""What the tests of templates and jobs begin with."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import Organization
from apps.instances.models import Instance, InstanceGroup
from apps.inventory.models import Host, Inventory
from apps.jobs.models import JobTemplate
from apps.projects.models import Project
from apps.projects.services import checkouts
from apps.rbac import services

PLAYBOOK = """
- name: Hello
  hosts: all
  gather_facts: false
  tasks:
    - name: Say
      ansible.builtin.debug:
        msg: "{{ greeting | default('none') }} from job {{ awx_job_id }} {{ tower_job_template_name }}"
    - name: Remember
      ansible.builtin.set_stats:
        data:
          answer: "{{ answer | default(41) }}"
      run_once: true
      tags: [remember]
    - name: Fact
      ansible.builtin.set_fact:
        cacheable: true
        colour: green
    - name: Break
      ansible.builtin.fail:
        msg: broken
      when: inventory_hostname == breaks | default('')
"""
LOCAL = "ansible_connection: local\nansible_python_interpreter: '{{ ansible_playbook_python }}'"


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


@pytest.fixture
def worker(shop: Any, tmp_path: Path, settings: Any) -> Any:
    """The shop with a checkout of its project and an instance that runs jobs."""
    settings.RUNNER_ROOT, settings.CHECKOUTS_ROOT = tmp_path / "runs", tmp_path / "checkouts"
    place = checkouts.place(shop.project.pk, shop.project.scm_revision)
    place.mkdir(parents=True)
    (place / "hello_world.yml").write_text(PLAYBOOK)
    Host.objects.update(variables=LOCAL)
    instance = Instance.objects.create(
        hostname=settings.CLUSTER_HOST_ID, node_type="hybrid", node_state="ready", capacity=100, cpu_capacity=100,
        mem_capacity=100, version="x",
    )  # fmt: skip
    InstanceGroup.objects.create(name="default").instances.add(instance)
    return shop
