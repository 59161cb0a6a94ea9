"""Background work: steps of workflows, and what is due by the clock."""

from __future__ import annotations

from celery import shared_task

from apps.unified.queue import send

from .services import approvals, due, stepping


@shared_task(name="apps.workflows.tasks.step")
def step(workflow: int) -> None:
    """One of the workflow's jobs has ended."""
    stepping.step(workflow)


@shared_task(name="apps.workflows.tasks.schedule_due")
def schedule_due() -> None:
    """Start the templates and end the questions whose time has come; step what a lost message forgot."""
    due.launch_due()
    approvals.expire()
    for workflow in stepping.idle():
        send("apps.workflows.tasks.step", workflow)
