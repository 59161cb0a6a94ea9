"""Sliced job templates: a workflow job with a node a slice."""

import json

import pytest

from apps.inventory.models import Host
from apps.jobs import services as jobs
from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJob
from apps.workflows.services import relaunching, stepping

pytestmark = pytest.mark.django_db


@pytest.fixture
def sliced(template):
    template.job_slice_count = 3
    template.save()
    for number in range(5):
        Host.objects.create(name=f"h{number}", inventory=template.inventory)
    type(template.inventory).objects.filter(pk=template.inventory_id).update(total_hosts=5)
    template.inventory.refresh_from_db()
    return template


def start(job):
    UnifiedJob.objects.non_polymorphic().filter(pk=job.pk).update(status="running")
    stepping.step(job.pk)
    return [node.job for node in job.workflow_job_nodes.order_by("pk")]


def test_a_launch_becomes_a_workflow_job_whose_nodes_run_a_slice_each(sliced):
    job = jobs.launch(sliced, actor=None, prompts={"limit": "h*", "extra_vars": {"a": 1}})
    assert isinstance(job, WorkflowJob)
    assert (job.is_sliced_job, job.job_template_id, job.name) == (True, sliced.pk, sliced.name)
    slices = start(job)
    assert [(s.job_slice_number, s.job_slice_count) for s in slices] == [(1, 3), (2, 3), (3, 3)]
    assert {s.limit for s in slices} == {"h*"}
    assert all(json.loads(s.extra_vars) == {"a": 1} and s.allow_simultaneous for s in slices)


def test_it_fails_where_one_slice_fails(sliced):
    job = jobs.launch(sliced, actor=None)
    first, *rest = start(job)
    unified.finish(first, "failed")
    for slice_ in rest:
        unified.finish(slice_, "successful")
    stepping.step(job.pk)
    assert WorkflowJob.objects.get(pk=job.pk).status == "failed"


def test_a_relaunch_needs_as_many_slices(sliced):
    from rest_framework.exceptions import ValidationError

    job = jobs.launch(sliced, actor=None)
    assert relaunching.relaunch(job, actor=None).workflow_job_nodes.count() == 3
    sliced.job_slice_count = 2
    sliced.save()
    job.refresh_from_db()
    with pytest.raises(ValidationError):
        relaunching.relaunch(WorkflowJob.objects.get(pk=job.pk), actor=None)


def test_a_sliced_template_in_a_workflow(sliced, node, run):
    node("sliced")
    inner = run().node("sliced").job
    assert isinstance(inner, WorkflowJob)
    assert inner.workflow_job_nodes.count() == 3
    assert inner.launch_type == "workflow"
