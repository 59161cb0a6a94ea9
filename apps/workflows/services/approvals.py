"""Questions at the nodes of a workflow: asked, approved, denied, expired."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core import events
from apps.unified import services as unified
from apps.workflows.models import WorkflowApproval, WorkflowApprovalTemplate

log = logging.getLogger(__name__)


def ask(template: WorkflowApprovalTemplate, actor: Any) -> WorkflowApproval:
    """A new question; it is `pending` until someone answers or its time is over."""
    now = timezone.now()
    approval = unified.create_job(
        template, launch_type="workflow", created_by=actor, started=now,
        expires=now + timedelta(seconds=template.timeout) if template.timeout > 0 else None,
    )  # fmt: skip
    unified.submit(approval)
    transaction.on_commit(lambda: announce(approval.pk))
    return approval


def announce(pk: int) -> None:
    """Tell those who want to hear that an answer is needed."""
    approval = WorkflowApproval.objects.filter(pk=pk, status="pending").first()
    if approval is None:
        return
    for receiver, answered in events.started.send_robust(sender=WorkflowApproval, job=approval):
        if isinstance(answered, Exception):
            log.error("%s failed on approval %s", receiver, pk, exc_info=answered)


def approve(approval: WorkflowApproval, actor: Any) -> bool:
    """Yes; False where it was answered already."""
    return answer(approval, "successful", actor)


def deny(approval: WorkflowApproval, actor: Any) -> bool:
    """No."""
    return answer(approval, "failed", actor)


@transaction.atomic
def answer(approval: WorkflowApproval, status: str, actor: Any) -> bool:
    """End the question, and note who did; the listeners hear of it after the commit."""
    if not unified.finish(approval, status, only=("pending",)):
        return False
    WorkflowApproval.objects.filter(pk=approval.pk).update(approved_or_denied_by=actor)
    return True


def expire() -> int:
    """End the questions whose time is over; how many there were."""
    due = WorkflowApproval.objects.filter(status="pending", expires__lte=timezone.now())
    return sum(expired(approval) for approval in due.order_by("expires"))


@transaction.atomic
def expired(approval: WorkflowApproval) -> bool:
    """End one; False where someone answered in this moment."""
    said = f"Nobody answered within {approval.timeout} seconds."
    if not unified.finish(approval, "failed", said, only=("pending",)):
        return False
    WorkflowApproval.objects.filter(pk=approval.pk).update(timed_out=True)
    return True
