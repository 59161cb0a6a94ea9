"""Jobs of instances that are lost: those that wait there go elsewhere, those that ran there are given up in time.

Each change is conditional: an instance that speaks again in the same moment keeps what it has. One that speaks later
finds that its jobs are over, and stops what it still runs of them.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.instances.models import Instance
from apps.instances.services import JOBS_LOST_AFTER, silent_for
from apps.unified import services
from apps.unified.models import UnifiedJob
from apps.unified.queue import signal_dispatch

log = logging.getLogger(__name__)
BATCH = 500


def of_node(condition: Any) -> Any:
    """Jobs whose instance is in a queryset."""
    jobs = UnifiedJob.objects.non_polymorphic().exclude(execution_node="")
    return jobs.filter(Exists(condition.filter(hostname=OuterRef("execution_node"))))


def of_nobody() -> Any:
    """Jobs whose instance is not registered any more."""
    jobs = UnifiedJob.objects.non_polymorphic().exclude(execution_node="")
    return jobs.filter(~Exists(Instance.objects.filter(hostname=OuterRef("execution_node"))))


def give_back() -> int:
    """Put the waiting jobs of lost instances back in line; how many there were."""
    moved = 0
    for jobs in (of_node(Instance.objects.filter(node_state="unavailable")), of_nobody()):
        moved += jobs.filter(status="waiting").update(
            status="pending", execution_node="", controller_node="", instance_group=None, modified=timezone.now()
        )
    if moved:
        log.warning("%s waiting jobs of lost instances are dispatched anew", moved)
        transaction.on_commit(signal_dispatch)
    return moved


def give_up() -> int:
    """End the running jobs of instances that have been silent for too long; how many there were."""
    silent = silent_for(JOBS_LOST_AFTER)
    lost = of_node(silent).filter(status="running").order_by("pk").values_list("pk", "execution_node")[:BATCH]
    given_up = sum(end(pk, name, silent) for pk, name in list(lost))
    orphans = of_nobody().filter(status="running").order_by("pk").values_list("pk", "execution_node")[:BATCH]
    return given_up + sum(end(pk, name, None) for pk, name in list(orphans))


@transaction.atomic
def end(job_id: int, hostname: str, silent: Any) -> bool:
    """End one job, unless its instance speaks meanwhile; whether it was ended here."""
    if silent is None:
        why = f"The instance {hostname} that ran the job was removed."
    else:
        instance = silent.select_for_update(skip_locked=True).filter(hostname=hostname).first()
        if instance is None:
            return False
        why = (
            f"The instance {hostname} that ran the job has sent no heartbeat since {instance.last_seen:%F %T} UTC. "
            "What became of the job there is not known; it is stopped there should the instance return."
        )
    job = UnifiedJob.objects.get(pk=job_id)
    return services.finish(job, "canceled" if job.cancel_flag else "error", why, only=("running",))


def sweep() -> None:
    """All of it, as the clock asks for."""
    give_back()
    give_up()
