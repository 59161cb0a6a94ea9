"""Workflow jobs come to be: launched, relaunched, or started as a bulk of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from apps.unified import services
from apps.unified.models import JobLaunchConfig
from apps.workflows.models import WorkflowJob, WorkflowJobNode, WorkflowJobTemplate
from apps.workflows.models.template import WORKFLOW_PROMPTS

from . import answers
from .copying import copy_nodes


@transaction.atomic
def launch(
    template: WorkflowJobTemplate,
    *,
    actor: Any = None,
    prompts: Mapping[str, Any] | None = None,
    launch_type: str = "manual",
    variables: Mapping[str, Any] | None = None,
    **columns: Any,
) -> WorkflowJob:
    """A new job of the template, submitted. `prompts`: inventory, labels, extra_vars (dict) and the short ones.

    What the template does not take has been refused before (answers.check). `variables` are the server's own, whatever
    the template asks; `columns` are further columns of the job.
    """
    prompts = dict(prompts or {})
    given = {**(prompts.get("extra_vars") or {}), **(variables or {})}
    extra_vars, secrets = answers.variables(template, given)
    job = WorkflowJob(
        name=template.name,
        description=template.description,
        unified_job_template=template,
        workflow_job_template=template,
        organization_id=template.organization_id,
        inventory=prompts.get("inventory") or template.inventory,
        extra_vars=extra_vars,
        survey_passwords=secrets,
        allow_simultaneous=template.allow_simultaneous,
        webhook_service=columns.pop("webhook_service", template.webhook_service),
        webhook_credential_id=columns.pop("webhook_credential_id", template.webhook_credential_id),
        launch_type=launch_type,
        created_by=actor,
        **columns,
    )
    job.char_prompts = {**template.char_prompts, **{k: prompts[k] for k in WORKFLOW_PROMPTS if prompts.get(k)}}
    job.save()
    job.labels.set(prompts["labels"] if prompts.get("labels") is not None else template.labels.all())
    copy_nodes(template, job)
    remember(job, prompts)
    services.submit(job)
    return job


def remember(job: WorkflowJob, prompts: Mapping[str, Any]) -> None:
    """Keep what was asked for at launch."""
    if not prompts:
        return
    config = JobLaunchConfig(job=job, inventory=prompts.get("inventory"))
    config.char_prompts = {name: prompts[name] for name in WORKFLOW_PROMPTS if prompts.get(name)}
    secret = answers.secret_names(job)
    config.keep_secrets(prompts.get("extra_vars") or {}, secret)
    config.save()
    config.set_many("labels", list(prompts.get("labels", ())))


@transaction.atomic
def launch_bulk(job: WorkflowJob, nodes: Iterable[tuple[WorkflowJobNode, Mapping[str, list[Any]]]]) -> WorkflowJob:
    """Save a workflow job and its nodes, which have no edges, with their many-to-many answers; submitted."""
    job.save()
    nodes = list(nodes)
    for node, _ in nodes:
        node.workflow_job = job
    WorkflowJobNode.objects.bulk_create([node for node, _ in nodes])
    for name in ("credentials", "labels", "instance_groups"):
        relation = WorkflowJobNode._meta.get_field(name)
        through = relation.remote_field.through  # type: ignore[union-attr]
        source, target = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
        ordered = hasattr(through, "position")
        through.objects.bulk_create(
            through(**{source: node.pk, target: row.pk}, **({"position": position} if ordered else {}))
            for node, many in nodes
            for position, row in enumerate(many.get(name, ()))
        )
    services.submit(job)
    return job
