"""A workflow job again: all of it, or what is left of it after a failure."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from apps.jobs.services.relaunching import copy_config
from apps.unified import services
from apps.unified.models import JobLaunchConfig
from apps.workflows.models import WorkflowJob, WorkflowJobNode

from .copying import copy_nodes
from .reading import read

SAME = (
    "name", "description", "unified_job_template_id", "workflow_job_template_id", "organization_id", "inventory_id",
    "extra_vars", "survey_passwords", "allow_simultaneous", "webhook_service", "webhook_credential_id",
    "webhook_guid", "is_bulk_job", "is_sliced_job", "job_template_id", "char_prompts",
)  # fmt: skip


@transaction.atomic
def relaunch(job: WorkflowJob, *, actor: Any) -> WorkflowJob:
    """The same again: the nodes as the template has them now, or those of the job where it has no template."""
    if problem := changed_slices(job):
        raise ValidationError({"detail": problem})
    twin = twin_of(job, created_by=actor, launch_type="relaunch")
    copy_nodes(job.workflow_job_template or job, twin)
    return services.submit(twin)


def obstacle(job: WorkflowJob) -> str:
    """Why a workflow job cannot go on from where it failed; "" where it can."""
    if job.is_active:
        return "What failed is known when the workflow job is over."
    graph = read(job.pk)
    if not graph.nodes.keys() - graph.settled():
        return "No node of the workflow job failed, was canceled or is left to run."
    return changed_slices(job)


@transaction.atomic
def go_on(job: WorkflowJob, *, actor: Any, launch_type: str = "relaunch") -> WorkflowJob:
    """A new workflow job that runs what failed in `job`, was canceled or never began, and all that follows it.

    Its nodes are those of `job`, whatever the template has become. The others keep their jobs and artifacts. A nested
    workflow that failed goes on in the same way, if all that leads to it was kept.
    """
    twin = twin_of(job, created_by=actor, launch_type=launch_type)
    graph, mapping = read(job.pk), copy_nodes(job, twin)
    settled = graph.settled()
    inner = WorkflowJob.objects.non_polymorphic().filter(unified_job_node__workflow_job=job)
    nested = set(inner.values_list("pk", flat=True))
    copies = WorkflowJobNode.objects.in_bulk(mapping.values())
    for before in WorkflowJobNode.objects.filter(workflow_job=job):
        node = copies[mapping[before.pk]]
        if before.pk in settled:
            node.do_not_run, node.kept = before.do_not_run, not before.do_not_run
            node.previous_job_id, node.ancestor_artifacts = before.shown_job_id, before.ancestor_artifacts
        elif before.job_id in nested and all(parent in settled for _, parent in graph.parents[before.pk]):
            node.previous_job_id = before.job_id
        elif graph.parents[before.pk]:
            node.ancestor_artifacts = {}
    WorkflowJobNode.objects.bulk_update(
        copies.values(), ("do_not_run", "kept", "previous_job", "ancestor_artifacts"), batch_size=500
    )
    return services.submit(twin)


def twin_of(job: WorkflowJob, **columns: Any) -> WorkflowJob:
    """A new workflow job with the same answers, not yet submitted."""
    twin = WorkflowJob(**{name: getattr(job, name) for name in SAME}, **columns)
    twin.save()
    twin.labels.set(job.labels.all())
    config = JobLaunchConfig.objects.filter(job=job).first()
    if config is not None:
        copy_config(config, twin)
    return twin


def changed_slices(job: WorkflowJob) -> str:
    """Why a sliced job cannot run again: it can only in as many slices; "" where it can."""
    if not job.is_sliced_job:
        return ""
    template = job.job_template
    if template is None:
        return "The job template of the slices is gone."
    hosts = template.inventory.hosts.count() if template.inventory else 0
    if min(hosts, template.job_slice_count) != job.workflow_job_nodes.count():
        return "The number of slices has changed since; launch the job template instead."
    return ""
