"""Heartbeats: each instance writes its own row, through a task in its own queue."""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.instances.models import Instance
from apps.instances.usage import BUSY

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
    found.last_seen = found.last_health_check = now
    found.version, found.errors = settings.AWX_VERSION, ""
    if found.node_state in ("installed", "provisioning", "unavailable"):
        found.node_state = "ready"
    found.capacity = capacity_of(found)
    found.save()
    return True


def capacity_of(instance: Instance) -> int:
    """Forks that the instance offers: none while it is switched off or silent."""
    if not instance.enabled or instance.node_state in ("unavailable", "deprovisioning"):
        return 0
    return total(instance.cpu_capacity, instance.mem_capacity, instance.capacity_adjustment)


def settle(instance: Instance) -> None:
    """Note the capacity after a change of what it depends on; jobs that wait for room are looked at."""
    instance.capacity = capacity_of(instance)
    Instance.objects.filter(pk=instance.pk).update(capacity=instance.capacity)


def mark_lost() -> None:
    """Instances that have been silent take no jobs until they speak again."""
    silent = Instance.objects.filter(node_state="ready", last_seen__lt=timezone.now() - LOST_AFTER)
    silent.update(node_state="unavailable", capacity=0, errors="The instance sends no heartbeats.")


def ask_health_check(hostname: str) -> None:
    """Let the instance measure itself now; a question that waited longer than a round is not worth an answer."""
    from apps.instances.tasks import heartbeat

    heartbeat.apply_async(queue=f"jobs.{hostname}", expires=EVERY)


def remove_leaving() -> None:
    """Forget instances that are to go, once no job runs there."""
    jobs = apps.get_model("unified", "UnifiedJob").objects.non_polymorphic().filter(status__in=BUSY)
    busy = jobs.filter(execution_node=OuterRef("hostname"))
    Instance.objects.filter(~Exists(busy), node_state="deprovisioning").delete()


def ask_all() -> None:
    """Ask every instance that has a worker, then see who has been silent and who may go."""
    for hostname in Instance.objects.exclude(node_type="hop").values_list("hostname", flat=True):
        ask_health_check(hostname)
    mark_lost()
    remove_leaving()
