"""The heartbeats of instances."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from . import services


@shared_task(name="apps.instances.tasks.heartbeat", ignore_result=True)
def heartbeat() -> bool:
    """This instance lives."""
    return services.beat(settings.CLUSTER_HOST_ID)


@shared_task(name="apps.instances.tasks.ask_all", ignore_result=True)
def ask_all() -> None:
    """A round of heartbeats: each instance is asked in its own queue, and the silent ones take no more jobs."""
    services.ask_all()
