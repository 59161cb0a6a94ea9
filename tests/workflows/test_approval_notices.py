"""Whoever wants to hear of approvals is told when one is asked for, and how it was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.notifications.models import Notification, NotificationTemplate
from apps.workflows.models import WorkflowApproval, WorkflowApprovalTemplate
from apps.workflows.services import approvals

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(workflow: Any, organization: Any) -> list[NotificationTemplate]:
    """A template each that the workflow and its organization tell of approvals."""
    made = []
    for owner in (workflow, organization):
        bell = NotificationTemplate.objects.create(
            name=type(owner).__name__, organization=organization, notification_type="slack",
            notification_configuration={"channels": ["#a"], "token": "t"},
        )  # fmt: skip
        owner.notification_templates_approvals.add(bell)
        made.append(bell)
    return made


@pytest.fixture
def asked(node: Any, run: Any, django_capture_on_commit_callbacks: Any) -> WorkflowApproval:
    """A question of a running workflow."""
    question = WorkflowApprovalTemplate.objects.create(name="ship it?", timeout=60)
    node("gate", unified_job_template=question)
    with django_capture_on_commit_callbacks(execute=True):
        run()
    return WorkflowApproval.objects.get()


def subjects() -> list[str]:
    return sorted(Notification.objects.values_list("subject", flat=True))


def test_a_question_is_told_to_the_workflow_and_the_organization(bells: Any, asked: WorkflowApproval) -> None:
    assert {made.notification_template for made in Notification.objects.all()} == set(bells)
    assert all("ship it?" in subject and "review" in subject for subject in subjects())


@pytest.mark.parametrize(
    ("answer", "word"), [(approvals.approve, "approved"), (approvals.deny, "denied"), (None, "timed out")]
)
def test_the_answer_is_told(
    bells: Any, asked: WorkflowApproval, admin: Any, answer: Any, word: str, django_capture_on_commit_callbacks: Any
) -> None:
    Notification.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        if answer is None:
            WorkflowApproval.objects.update(expires=timezone.now() - timedelta(seconds=1))
            approvals.expire()
        else:
            answer(asked, admin)
    assert len(subjects()) == len(bells)
    assert all(word in subject for subject in subjects())


def test_nobody_else_is_told(workflow: Any, organization: Any, bells: Any, asked: WorkflowApproval) -> None:
    assert Notification.objects.count() == len(bells)
    assert not asked.notifications.exclude(notification_template__in=bells).exists()
