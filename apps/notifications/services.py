"""Notifications come to be: of a job that started or ended, of an approval, or as a test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.conf import live

from . import words
from .backends import BACKENDS, Message
from .models import Notification, NotificationTemplate

# an event -> what the relations to templates that want to hear of it are called
RELATIONS = {
    "started": "notification_templates_for_started",
    "success": "notification_templates_for_success",
    "error": "notification_templates_for_errors",
}
APPROVALS = "notification_templates_for_approvals"


def notify(job: Any, event: str) -> list[Notification]:
    """Tell everyone who wants to hear of `event` of a job: started, success, error; once, however often it is called.

    Of a workflow approval the events are running, approved, denied and timed_out. Sent in the background.
    """
    templates = list(listening(job, event))
    if not templates:
        return []
    context = words.context_of(job)
    with transaction.atomic():
        # the sweep may announce the job in the same moment: one of the two looks after the other has written
        type(job)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        told = set(job.notifications.filter(event=event).values_list("notification_template", flat=True))
        wanted = [template for template in templates if template.pk not in told]
        made = [generate(template, event, context) for template in wanted]
        job.notifications.add(*made)
        send_later(made)
    return made


def listening(job: Any, event: str) -> Any:
    """The templates that want to hear of an event: of the job's template, its project and its organization."""
    if event in words.APPROVAL_LINES:
        return listening_to_approvals(job)
    relation = RELATIONS[event]
    parents = {job.unified_job_template_id, getattr(job, "project_id", None)} - {None}
    wanted = Q(**{f"unifiedjobtemplate_{relation}__in": parents})
    organization = organization_of(job)
    if organization:
        wanted |= Q(**{f"organization_{relation}": organization})
    return NotificationTemplate.objects.filter(wanted).distinct()


def listening_to_approvals(approval: Any) -> Any:
    """The templates that want to hear of a workflow's questions."""
    workflow = getattr(approval.workflow_node, "workflow_job", None)
    if workflow is None:
        return NotificationTemplate.objects.none()
    wanted = Q(**{f"workflowjobtemplate_{APPROVALS}": workflow.unified_job_template_id})
    if workflow.organization_id:
        wanted |= Q(**{f"organization_{APPROVALS}": workflow.organization_id})
    return NotificationTemplate.objects.filter(wanted).distinct()


def organization_of(job: Any) -> int | None:
    """The organization of a job, or of its inventory."""
    return job.organization_id or getattr(getattr(job, "inventory", None), "organization_id", None)


def generate(template: NotificationTemplate, event: str, context: dict[str, Any]) -> Notification:
    """A notification that waits to be sent."""
    message = words.message_for(template.notification_type, template.messages, event, context)
    return record(template, message, event)


def record(template: NotificationTemplate, message: Message, event: str) -> Notification:
    """Write down what will be sent, and to whom."""
    recipients = template.notification_configuration.get(BACKENDS[template.notification_type].recipients, "")
    return Notification.objects.create(
        notification_template=template,
        notification_type=template.notification_type,
        recipients=str(recipients),
        subject=message.line,
        body=message.body if isinstance(message.body, dict) else {"body": message.body},
        event=event,
    )


def send_test(template: NotificationTemplate) -> Notification:
    """A notification that says that it is a test; it is tried once."""
    with transaction.atomic():
        said = f"AWX Notification Test {template.pk} {live.get('TOWER_URL_BASE')}"
        made = record(template, Message(said, {"body": said}), "")
        send_later([made], patient=False)
    return made


def send_later(notifications: Iterable[Notification], *, patient: bool = True) -> None:
    """Hand over to the workers once all is committed; a patient one is tried again where that may help."""
    from .tasks import send

    ids = [made.pk for made in notifications]

    def hand_over() -> None:
        for pk in ids:
            send.delay(pk, patient=patient)

    # a broker that is away fails nobody's request: tasks.take_up looks for what was not sent
    transaction.on_commit(hand_over, robust=True)
