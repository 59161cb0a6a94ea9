"""The tasks of jobs: dispatch on the control queue, run and stop on the queue of the instance."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from . import services
from .dispatch import lost, passes
from .events import tables
from .models import UnifiedJob
from .runner.supervisor import supervisor

MOST_REST = 0.05  # seconds
_last = {"ended": 0.0, "idle": 0.0}  # the last pass of this process: its end, and its length if it started nothing


@shared_task
def dispatch() -> None:
    """Start what can start. In a stream of signals a pass in vain is followed by a rest: launches need cores, too."""
    time.sleep(min(MOST_REST, max(0.0, _last["ended"] + _last["idle"] - time.monotonic())))
    began = time.monotonic()
    started = passes.run()
    ended = time.monotonic()
    _last.update(ended=ended, idle=0.0 if started else ended - began)


@shared_task
def run(job_id: int) -> None:
    """Start a job that was dispatched to this instance, and have it watched."""
    supervisor().launch(job_id)


@shared_task
def stop(job_id: int) -> None:
    """Stop a running job of this instance."""
    supervisor().cancel(job_id)


@shared_task
def sweep() -> None:
    """The safety net: partitions of the next days, unannounced ends, lost instances, and one pass of the dispatcher."""
    tables.make_ahead()
    unannounced = UnifiedJob.objects.non_polymorphic().filter(announced=False).order_by("pk")
    for job_id in unannounced.values_list("pk", flat=True)[:500]:
        services.announce(job_id)
    lost.sweep()
    passes.explain()
    passes.run()


@worker_ready.connect
def watch_jobs(sender: Any = None, **_more: Any) -> None:
    """A worker of the jobs queue takes up at once what an earlier one left running."""
    if sender is not None and settings.JOBS_QUEUE in sender.app.amqp.queues.consume_from:
        supervisor()


@worker_shutting_down.connect
def let_go(**_more: Any) -> None:
    """The worker ends; the jobs run on."""
    from .runner import supervisor as module

    for own in module._own:
        own.stopping = True
        own.wake.set()
