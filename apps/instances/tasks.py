"""The heartbeats of instances."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from . import services


@shared_task(name="apps.instances.tasks.heartbeat", ignore_result=True)
def heartbeat() -> bool:
    """This instance lives; asked for by a health check."""
    return services.beat(settings.CLUSTER_HOST_ID)


@shared_task(name="apps.instances.tasks.look_after", ignore_result=True)
def look_after() -> None:
    """Instances that send no heartbeats take no more jobs; those that leave are forgotten."""
    services.look_after()
