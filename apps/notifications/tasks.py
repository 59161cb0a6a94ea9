"""Sending in the background."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from .backends import BACKENDS, Failed, Message
from .models import FAILED, PENDING, SUCCESSFUL, Notification

log = logging.getLogger(__name__)
FORGOTTEN = timedelta(minutes=10)  # longer than all tries together
TOO_OLD = timedelta(days=1)
PAUSES = (5, 30, 120)  # seconds before the second, third and fourth try


@shared_task(bind=True, max_retries=len(PAUSES), soft_time_limit=180)
def send(self: Any, pk: int, *, patient: bool = True) -> None:
    """Send one notification; where another try may help and is wanted, it stays pending until then."""
    made = Notification.objects.select_related("notification_template").filter(pk=pk, status=PENDING).first()
    if made is None:
        return
    template = made.notification_template
    try:
        sent = deliver(template.notification_type, template.notification_configuration, made)
    except Failed as error:
        if error.again and patient and self.request.retries < self.max_retries:
            raise self.retry(countdown=PAUSES[self.request.retries], exc=error) from error
        conclude(made, FAILED, error=str(error))
    else:
        conclude(made, SUCCESSFUL, sent=sent)


@shared_task
def take_up() -> None:
    """Send what should have been sent long ago: the broker was away, or lost its messages."""
    now = timezone.now()
    forgotten = Notification.objects.filter(status=PENDING, created__lt=now - FORGOTTEN, created__gt=now - TOO_OLD)
    for pk in forgotten.order_by("pk").values_list("pk", flat=True)[:1000]:
        send.delay(pk, patient=False)
    late = "The message was not sent in time."
    Notification.objects.filter(status=PENDING, created__lte=now - TOO_OLD).update(status=FAILED, error=late)


def deliver(kind: str, config: dict[str, Any], made: Notification) -> int:
    """The number of messages sent; Failed for whatever went wrong."""
    try:
        return BACKENDS[kind].send(config, Message(made.subject, made.body))
    except Failed:
        raise
    except Exception as error:
        log.exception("notification %s (%s) could not be sent", made.pk, kind)
        raise Failed(f"The message cannot be sent with this configuration ({type(error).__name__}).") from error


def conclude(made: Notification, status: str, *, sent: int = 0, error: str = "") -> None:
    """Write down what became of it."""
    made.status, made.notifications_sent, made.error = status, sent, error
    made.save(update_fields=["status", "notifications_sent", "error"])
