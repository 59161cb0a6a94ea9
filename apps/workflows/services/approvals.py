"""Questions at the nodes of a workflow: asked, approved, denied, expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.unified import services as unified
from apps.workflows.models import WorkflowApproval, WorkflowApprovalTemplate


def ask(template: WorkflowApprovalTemplate, actor: Any) -> WorkflowApproval:
    """A new question; it is `pending` until someone answers or its time is over."""
    now = timezone.now()
    approval = unified.create_job(
        template, launch_type="workflow", created_by=actor, started=now,
        expires=now + timedelta(seconds=template.timeout) if template.timeout > 0 else None,
    )  # fmt: skip
    unified.submit(approval)
    return approval


def approve(approval: WorkflowApproval, actor: Any) -> bool:
    """Yes; False where it was answered already."""
    return answer(approval, "successful", actor)


def deny(approval: WorkflowApproval, actor: Any) -> bool:
    """No."""
    return answer(approval, "failed", actor)


def answer(approval: WorkflowApproval, status: str, actor: Any) -> bool:
    """End the question, and note who did."""
    if not unified.finish(approval, status, only=("pending",)):
        return False
    WorkflowApproval.objects.filter(pk=approval.pk).update(approved_or_denied_by=actor)
    return True


def expire() -> int:
    """End the questions whose time is over; how many there were."""
    due = WorkflowApproval.objects.filter(status="pending", expires__lte=timezone.now())
    ended = 0
    for approval in due.order_by("expires"):
        said = f"Nobody answered within {approval.timeout} seconds."
        if unified.finish(approval, "failed", said, only=("pending",)):
            WorkflowApproval.objects.filter(pk=approval.pk).update(timed_out=True)
            ended += 1
    return ended
