"""The heartbeat of an instance, sent to its own queue."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from .services import beat


@shared_task(name="apps.instances.tasks.heartbeat", ignore_result=True)
def heartbeat() -> bool:
    """This instance lives."""
    return beat(settings.CLUSTER_HOST_ID)
