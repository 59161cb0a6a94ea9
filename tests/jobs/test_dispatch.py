"""Where jobs of templates go, and which of them may run beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from apps.instances.models import Instance, InstanceGroup
from apps.jobs import services
from apps.jobs.models import JobTemplate
from apps.unified import services as unified
from apps.unified.dispatch import passes
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJobTemplate
from apps.workflows.services import launching

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups(shop: Any) -> dict[str, InstanceGroup]:
    """A group each of the template, the inventory and the organization, and the default one."""
    made = {}
    for name, owner in (
        ("template", shop.template),
        ("inventory", shop.inventory),
        ("organization", shop.organization),
        ("default", None),
    ):
        made[name] = InstanceGroup.objects.create(name=name)
        node = Instance.objects.create(hostname=name, capacity=50, node_state="ready", node_type="hybrid")
        made[name].instances.add(node)
        if owner is not None:
            owner.instance_groups.add(made[name], through_defaults={"position": 0})
    return made


def preferred(job: Any) -> list[str]:
    names = dict(InstanceGroup.objects.values_list("pk", "name"))
    return [names[pk] for pk in UnifiedJob.objects.get(pk=job.pk).preferred_groups]


def status(job: Any) -> str:
    return UnifiedJob.objects.get(pk=job.pk).status


def test_the_template_goes_before_the_inventory_before_the_organization(shop: Any, groups: Any) -> None:
    job = services.launch(shop.template, actor=shop.admin)
    assert preferred(job) == ["template", "inventory", "organization"]


@pytest.mark.parametrize(("owner", "expected"), [("template", ["template"]), ("inventory", ["template", "inventory"])])
def test_the_fallback_can_be_prevented(shop: Any, groups: Any, owner: str, expected: list[str]) -> None:
    found = getattr(shop, owner)
    found.prevent_instance_group_fallback = True
    found.save()
    assert preferred(services.launch(shop.template, actor=shop.admin)) == expected


def test_without_a_group_of_its_own_a_prevented_fallback_leads_to_the_default_group(shop: Any, groups: Any) -> None:
    shop.template.instance_groups.clear()
    JobTemplate.objects.update(prevent_instance_group_fallback=True)
    job = services.launch(JobTemplate.objects.get(), actor=shop.admin)
    assert preferred(job) == []
    UnifiedJob.objects.filter(pk=job.pk).update(dependencies_processed=True)
    passes.assign()
    assert UnifiedJob.objects.get(pk=job.pk).instance_group == groups["default"]


def test_what_the_launch_asks_for_goes_before_all(shop: Any, groups: Any) -> None:
    JobTemplate.objects.update(ask_instance_groups_on_launch=True)
    prompts = {"instance_groups": [groups["default"], groups["inventory"]]}
    job = services.launch(JobTemplate.objects.get(), actor=shop.admin, prompts=prompts)
    assert preferred(job) == ["default", "inventory"]


def test_the_next_group_is_taken_where_the_first_has_no_room(shop: Any, groups: Any) -> None:
    Instance.objects.filter(hostname="template").update(enabled=False)
    InstanceGroup.objects.filter(name="inventory").update(max_concurrent_jobs=1)
    JobTemplate.objects.update(allow_simultaneous=True)
    jobs = [services.launch(JobTemplate.objects.get(), actor=shop.admin) for _ in range(2)]
    UnifiedJob.objects.filter(pk__in=[job.pk for job in jobs]).update(dependencies_processed=True)
    passes.assign()
    taken = [UnifiedJob.objects.get(pk=job.pk).instance_group.name for job in jobs]
    assert taken == ["inventory", "organization"]


@pytest.mark.parametrize(("together", "expected"), [(False, ["waiting", "pending"]), (True, ["waiting", "waiting"])])
def test_runs_of_one_template_beside_each_other(shop: Any, groups: Any, together: bool, expected: list[str]) -> None:
    JobTemplate.objects.update(allow_simultaneous=together)
    jobs = [services.launch(JobTemplate.objects.get(), actor=shop.admin) for _ in range(2)]
    UnifiedJob.objects.filter(pk__in=[job.pk for job in jobs]).update(dependencies_processed=True)
    passes.assign()
    assert [status(job) for job in jobs] == expected
    if not together:
        passes.explain()
        assert str(jobs[0].pk) in UnifiedJob.objects.get(pk=jobs[1].pk).job_explanation


@pytest.mark.parametrize(("together", "expected"), [(False, ["running", "pending"]), (True, ["running", "running"])])
def test_runs_of_one_workflow_beside_each_other(shop: Any, together: bool, expected: list[str]) -> None:
    workflow = WorkflowJobTemplate.objects.create(name="w", allow_simultaneous=together)
    jobs = [launching.launch(workflow) for _ in range(2)]
    passes.begin_stepped()
    assert [status(job) for job in jobs] == expected
    if not together:
        passes.explain()
        assert str(jobs[0].pk) in UnifiedJob.objects.get(pk=jobs[1].pk).job_explanation
        unified.finish(jobs[0], "successful")
        passes.begin_stepped()
        assert status(jobs[1]) == "running"
