"""A workflow takes its next step: whenever it starts, and whenever one of its jobs ends. Nothing polls."""

from __future__ import annotations

from django.db import transaction

from apps.unified import meters
from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJob, WorkflowJobNode

from .graph import FINISHED, Graph
from .reading import read
from .spawning import spawn

BATCH = 50  # jobs started in one transaction


def step(workflow: int) -> None:
    """Start what can start now, skip what never will, and end the workflow when nothing is left."""
    with meters.turn("workflow_manager"):
        while advance(workflow):
            pass


@transaction.atomic
def advance(pk: int) -> bool:
    """One batch; whether there is more to do. Steps of one workflow wait for each other at its row."""
    locked = UnifiedJob.objects.non_polymorphic().select_for_update().filter(pk=pk, status="running").first()
    if locked is None:
        return False
    workflow = WorkflowJob.objects.non_polymorphic().get(pk=pk)
    graph = read(pk)
    if workflow.cancel_flag:
        if not graph.busy:
            unified.finish(workflow, "canceled", workflow.job_explanation)
        return False
    run, skip = graph.advance()
    if skip:
        WorkflowJobNode.objects.filter(pk__in=skip).update(do_not_run=True)
    batch = WorkflowJobNode.objects.filter(pk__in=run[:BATCH]).order_by("pk")
    for node in batch:
        spawn(node, workflow)
    if not run and not graph.busy:
        finish(workflow, graph)
    return bool(run)


def idle() -> list[int]:
    """Running workflows of which nothing runs: the message of a job's end was lost, or the last step was not taken."""
    busy = WorkflowJobNode.objects.filter(job__isnull=False).exclude(job__status__in=FINISHED).values("workflow_job")
    running = WorkflowJob.objects.non_polymorphic().filter(status="running").exclude(pk__in=busy)
    return list(running.order_by("pk").values_list("pk", flat=True))


def finish(workflow: WorkflowJob, graph: Graph) -> None:
    """The final status: failed where a failure leads nowhere."""
    ended, empty = graph.unhandled()
    said = []
    if ended:
        states = ", ".join(f"{pk} ({graph.nodes[pk].status})" for pk in ended)
        said.append(f"No path handles the failure of workflow job node(s) {states}.")
    if empty:
        said.append(f"Workflow job node(s) {', '.join(map(str, empty))} have no template and no failure path.")
    unified.finish(workflow, "failed" if said else "successful", " ".join(said))


def cancel(workflow: WorkflowJob) -> bool:
    """Cancel the jobs that it has started, or end it where there are none; False where it was over already.

    While some of them are still ending, it stays running: the step after the last one ends it. A step may also see the
    flag before this does, and end it first: that is a success too. `canceled` says all: there is no explanation.
    """
    nodes = WorkflowJobNode.objects.filter(workflow_job=workflow.pk, job__isnull=False)
    for child in UnifiedJob.objects.filter(pk__in=nodes.values("job_id")).exclude(status__in=FINISHED):
        unified.cancel(child)
    if nodes.exclude(job__status__in=FINISHED).exists() or unified.finish(workflow, "canceled"):
        return True
    return WorkflowJob.objects.non_polymorphic().filter(pk=workflow.pk, status="canceled").exists()
