"""Heartbeats: each instance writes its own row, through a task in its own queue."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.instances.models import Instance

from .capacity import measure, total

EVERY = 20  # seconds between two heartbeats
LOST_AFTER = timedelta(seconds=6 * EVERY)


def beat(hostname: str) -> bool:
    """Note that this instance lives and what it can take; False where it is not registered."""
    now, found = timezone.now(), Instance.objects.filter(hostname=hostname).first()
    if found is None:
        return False
    for name, value in measure().items():
        setattr(found, name, value)
    found.capacity = total(found.cpu_capacity, found.mem_capacity, found.capacity_adjustment) if found.enabled else 0
    found.last_seen = found.last_health_check = now
    found.version, found.errors = settings.AWX_VERSION, ""
    if found.node_state in ("installed", "provisioning", "unavailable"):
        found.node_state = "ready"
    found.save()
    return True


def mark_lost() -> None:
    """Instances that have been silent take no jobs until they speak again."""
    silent = Instance.objects.filter(node_state="ready", last_seen__lt=timezone.now() - LOST_AFTER)
    silent.update(node_state="unavailable", capacity=0, errors="The instance sends no heartbeats.")


def ask_health_check(hostname: str) -> None:
    """Let the instance measure itself now; a question that waited longer than a round is not worth an answer."""
    from apps.instances.tasks import heartbeat

    heartbeat.apply_async(queue=f"jobs.{hostname}", expires=EVERY)


def ask_all() -> None:
    """Ask every instance that has a worker, then see who has been silent."""
    for hostname in Instance.objects.exclude(node_type="hop").values_list("hostname", flat=True):
        ask_health_check(hostname)
    mark_lost()
