"""A node becomes a job: with its own answers, those of the workflow, and what the jobs before it have set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, When

from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.jobs import services as jobs
from apps.jobs.models import Job, JobTemplate
from apps.unified import services as unified
from apps.unified import starting
from apps.unified.models import UnifiedJob
from apps.unified.prompts import ENCRYPTED
from apps.workflows.models import WorkflowApprovalTemplate, WorkflowJob, WorkflowJobNode, WorkflowJobTemplate
from apps.workflows.models.template import WORKFLOW_PROMPTS

from . import answers, approvals, relaunching
from .launching import launch

HIDDEN = "_ansible_no_log"  # set by a job whose artifacts nobody may read
SLICE = "job_slice"


def spawn(node: WorkflowJobNode, workflow: WorkflowJob) -> Any:
    """Start the node's template and note the job on the node; one that cannot start is a failed job with a reason."""
    template = node.unified_job_template
    artifacts = inherited(node)
    try:
        with transaction.atomic():
            job = start(template, node, workflow, artifacts)
    except starting.FINAL as error:
        reason = starting.reason_of(error, f"node {node.pk} of workflow job {workflow.pk}")
        sentence = f"The workflow could not start this job. {reason}"
        job = starting.fail(template, sentence, launch_type="workflow", created_by=workflow.created_by)
    node.job, node.ancestor_artifacts = job, artifacts
    node.save(update_fields=["job", "ancestor_artifacts"])
    return job


def start(template: Any, node: WorkflowJobNode, workflow: WorkflowJob, artifacts: dict[str, Any]) -> Any:
    """The job of a template of any kind, submitted; BadRequest where it refuses."""
    actor = workflow.created_by
    if isinstance(template, JobTemplate):
        return start_playbook(template, node, workflow, artifacts)
    if isinstance(template, WorkflowJobTemplate):
        return start_workflow(template, node, workflow, artifacts)
    if isinstance(template, WorkflowApprovalTemplate):
        return approvals.ask(template, actor)
    columns: dict[str, Any] = {}
    if hasattr(template.job_class(), "extra_vars"):
        columns["extra_vars"] = json.dumps(node.variables())
    return unified.submit(unified.create_job(template, launch_type="workflow", created_by=actor, **columns))


def start_playbook(
    template: JobTemplate, node: WorkflowJobNode, workflow: WorkflowJob, artifacts: dict[str, Any]
) -> Any:
    """A job: the workflow's prompts go before the node's; its variables need no question of the template."""
    own = {name: value for name, value in artifacts.items() if name not in (HIDDEN, SLICE)} | workflow.variables()
    previous = node.previous_job
    if isinstance(previous, WorkflowJob) and not relaunching.obstacle(previous):
        return relaunching.go_on(previous, actor=workflow.created_by, launch_type="workflow")
    slices: dict[str, Any] = {}
    if workflow.is_sliced_job and SLICE in artifacts:
        slices = {
            "sliced": False,
            "allow_simultaneous": True,
            "job_slice_number": artifacts[SLICE],
            "job_slice_count": workflow.workflow_job_nodes.count(),
        }
    job = jobs.launch(
        template, actor=workflow.created_by, prompts=node.prompts() | prompts_of(workflow), launch_type="workflow",
        variables=own, submit=False, **slices,
    )  # fmt: skip
    secret = set(workflow.secret_answers()) | (set(artifacts) if HIDDEN in artifacts else set())
    hide(job, {name: own[name] for name in secret & own.keys()})
    return unified.submit(job) if isinstance(job, Job) else job


def start_workflow(
    template: WorkflowJobTemplate, node: WorkflowJobNode, workflow: WorkflowJob, artifacts: dict[str, Any]
) -> WorkflowJob:
    """A workflow in a workflow takes only what it asks for; it may not contain itself."""
    check_recursion(template, workflow)
    previous = node.previous_job
    if isinstance(previous, WorkflowJob) and not relaunching.obstacle(previous):
        return relaunching.go_on(previous, actor=workflow.created_by, launch_type="workflow")
    prompts = node.prompts() | prompts_of(workflow)
    variables = prompts.pop("extra_vars", {}) | {k: v for k, v in artifacts.items() if k != HIDDEN}
    given = {name: value for name, value in prompts.items() if not answers.check(template, {name: value}, needed=False)}
    problems = {k: v for k, v in answers.check(template, given).items() if k != "variables_needed_to_start"}
    if problems:
        raise BadRequest(problems)
    return launch(
        template, actor=workflow.created_by, launch_type="workflow",
        prompts=given | {"extra_vars": variables | workflow.variables()},
    )  # fmt: skip


def prompts_of(workflow: WorkflowJob) -> dict[str, Any]:
    """What the workflow as a whole answers to its templates' prompts."""
    out = {name: workflow.char_prompts[name] for name in WORKFLOW_PROMPTS if workflow.char_prompts.get(name)}
    return out | ({"inventory": workflow.inventory} if workflow.inventory_id else {})


def hide(job: Any, secrets: Mapping[str, Any]) -> None:
    """Move values out of what the job shows."""
    if not secrets:
        return
    shown = parse_variables(job.extra_vars)
    job.extra_vars = json.dumps({name: ENCRYPTED if name in secrets else value for name, value in shown.items()})
    job.survey_passwords = json.dumps(job.secret_answers() | dict(secrets))
    job.save(update_fields=["extra_vars", "survey_passwords"])


def inherited(node: WorkflowJobNode) -> dict[str, Any]:
    """What the jobs on the way here have set with set_stats; the nearest wins."""
    kinds = ("workflowjobnodes_success", "workflowjobnodes_failure", "workflowjobnodes_always")
    parents = {parent.pk: parent for kind in kinds for parent in getattr(node, kind).select_related("job")}
    out = {} if parents else dict(node.ancestor_artifacts)
    for pk in sorted(parents):
        out |= {k: v for k, v in parents[pk].ancestor_artifacts.items() if k != SLICE}
        if parents[pk].shown_job_id:
            out |= effective(parents[pk].shown_job_id, set())
    return out


def effective(job_id: int, seen: set[int]) -> dict[str, Any]:
    """The artifacts of a job; of a workflow those of its jobs, in the order in which they ended."""
    found = Job.objects.filter(pk=job_id).values_list("artifacts", flat=True).first()
    if found is not None:
        return found if isinstance(found, dict) else {}
    out: dict[str, Any] = {}
    nodes = WorkflowJobNode.objects.filter(workflow_job=job_id).annotate(
        shown=Case(When(kept=True, then="previous_job_id"), default="job_id")
    )
    children = UnifiedJob.objects.non_polymorphic().filter(
        pk__in=nodes.values("shown"), status__in=("successful", "failed")
    )
    for child in children.order_by("finished", "pk").values_list("pk", flat=True):
        if child not in seen:
            out |= effective(child, seen | {job_id})
    return out


def check_recursion(template: WorkflowJobTemplate, workflow: WorkflowJob | None) -> None:
    """Refuse a workflow that would start itself, however many workflows lie between."""
    above = []
    while workflow is not None and workflow.pk not in above:
        if workflow.workflow_job_template_id == template.pk:
            raise BadRequest({"detail": f"The workflow {template.name!r} would contain itself."})
        above.append(workflow.pk)
        node = WorkflowJobNode.objects.filter(job_id=workflow.pk).select_related("workflow_job").first()
        workflow = node.workflow_job if node else None
