"""Heartbeats: the supervisor of each instance writes its row; whoever is silent is lost until it speaks again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.core import events
from apps.instances.models import Instance
from apps.instances.usage import BUSY

from .capacity import measure, total

EVERY = settings.HEARTBEAT_SECONDS  # between two heartbeats, and between two looks at who is silent
LOST_AFTER = timedelta(seconds=settings.INSTANCE_LOST_SECONDS)
JOBS_LOST_AFTER = timedelta(seconds=settings.JOBS_LOST_SECONDS)
GAP = timedelta(seconds=3 * EVERY)  # without a look at the instances: then their silence was perhaps our own
WATCHED = "instances.watched"  # (when they were looked at last, since when without a gap)


@transaction.atomic
def beat(hostname: str) -> bool:
    """Note that this instance lives and what it can take; False where it is not registered.

    The time is the database's: the clocks of the hosts need not agree.
    """
    found = Instance.objects.select_for_update().filter(hostname=hostname).first()
    if found is None:
        return False
    measured = measure()
    for name, value in measured.items():
        setattr(found, name, value)
    if found.node_state in ("installed", "provisioning", "unavailable"):
        found.node_state = "ready"
    Instance.objects.filter(pk=found.pk).update(
        **measured, node_state=found.node_state, capacity=capacity_of(found), version=settings.AWX_VERSION, errors="",
        last_seen=Now(), last_health_check=Now(), modified=Now(),
    )  # fmt: skip
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
    """Instances that have been silent take no jobs until they speak again; the jobs that wait there may go."""
    silent = Instance.objects.filter(node_state="ready", last_seen__lt=Now() - LOST_AFTER)
    with transaction.atomic():
        names = list(silent.select_for_update(skip_locked=True).values_list("hostname", flat=True))
        silent.filter(hostname__in=names).update(
            node_state="unavailable", capacity=0, errors="The instance sends no heartbeats."
        )
    if names:
        events.instances_lost.send(sender=Instance, hostnames=names)


def watch() -> datetime:
    """Note that the instances are looked at; since when this has been done without a gap.

    After a pause of the whole installation, or of its broker, all instances seem silent, and none of them is lost.
    """
    now = timezone.now()
    last, since = cache.get(WATCHED) or (now, now)
    if now - last > GAP:
        since = now
    cache.set(WATCHED, (now, since), timeout=None)
    return since


def silent_for(duration: timedelta) -> QuerySet[Instance]:
    """The lost instances that were watched all this time and said nothing."""
    last, since = cache.get(WATCHED) or (timezone.now(), timezone.now())
    if last - since < duration:
        return Instance.objects.none()
    return Instance.objects.filter(node_state="unavailable", last_seen__lt=Now() - duration)


def ask_health_check(hostname: str) -> None:
    """Let the instance measure itself now; a question that waited longer than a round is not worth an answer."""
    from apps.instances.tasks import heartbeat

    heartbeat.apply_async(queue=f"jobs.{hostname}", expires=EVERY)


def remove_leaving() -> None:
    """Forget instances that are to go, once no job runs there."""
    jobs = apps.get_model("unified", "UnifiedJob").objects.non_polymorphic().filter(status__in=BUSY)
    busy = jobs.filter(execution_node=OuterRef("hostname"))
    Instance.objects.filter(~Exists(busy), node_state="deprovisioning").delete()


def look_after() -> None:
    """See who has been silent and who may go."""
    if timezone.now() - watch() > LOST_AFTER:
        mark_lost()
    remove_leaving()
