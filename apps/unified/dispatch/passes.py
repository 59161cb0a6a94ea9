"""A pass of the dispatcher: dependencies are made, jobs that are ready get an instance, and its queue gets the task.

One pass at a time runs in the whole installation. It asks set-based questions and commits after each batch, so that
ten thousand waiting jobs cost it no more than some milliseconds.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from apps.unified import live, meters, queue, services
from apps.unified.models import UnifiedJob
from apps.unified.runner.kinds import RUNS, run_of

from . import queries
from .capacity import Room

log = logging.getLogger(__name__)
LOCK = 0x61777864  # the advisory lock of the dispatcher
BATCH = 200
EXPLAIN_EVERY = 1.0  # seconds
_explained = [0.0]


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other pass runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def kind_ids(*modes: str) -> dict[int, type]:
    """{content type: Run} of the kinds of these modes."""
    return {ContentType.objects.get_for_model(model).pk: run for model, run in RUNS.items() if run.mode in modes}


def run() -> int:
    """One pass; how many jobs it started."""
    with meters.turn("task_manager"), alone():
        queue.dispatch_begins()  # a signal from here on asks for a further pass
        fail_dependants()
        started = begin_stepped() + assign()
        while prepare_dependencies():
            started += begin_stepped() + assign()
    if started:
        meters.add(task_manager_tasks_started=started)
    if time.monotonic() - _explained[0] > EXPLAIN_EVERY:
        explain()
    return started


def prepare_dependencies() -> bool:
    """Make the jobs that must run before others, for those whose turn it may be; whether there was any."""
    ids = [row[0] for row in queries.fetch(queries.UNPREPARED, kinds=list(kind_ids("worker", "stepped")), limit=BATCH)]
    settled = []
    for job in UnifiedJob.objects.filter(pk__in=ids).order_by("pk"):
        try:
            with transaction.atomic():
                if not make_dependencies(job):
                    settled.append(job.pk)
        except Exception as error:
            log.exception("The dependencies of job %s could not be determined", job.pk)
            services.finish(job, "error", f"What must run before this job could not be determined: {error}")
    UnifiedJob.objects.non_polymorphic().filter(pk__in=settled).update(dependencies_processed=True)
    return bool(ids)


def make_dependencies(job: UnifiedJob) -> bool:
    """Submit the new ones among a job's dependencies, and link all of them; whether there are any."""
    found = list(run_of(job).dependencies(job))
    for dependency in found:
        if dependency.status == "new":
            services.submit(dependency)
    if found:
        job.dependent_jobs.add(*found)
        UnifiedJob.objects.non_polymorphic().filter(pk=job.pk).update(dependencies_processed=True)
    return bool(found)


def fail_dependants() -> None:
    """A job whose dependency failed does not run; its explanation is JSON after a fixed word, as clients read it."""
    pairs = dict(queries.fetch(queries.FAILED_DEPENDENCIES))
    jobs = UnifiedJob.objects.in_bulk({*pairs, *pairs.values()}) if pairs else {}
    for job_id, dependency_id in pairs.items():
        cause = jobs[dependency_id]
        told = {"job_type": live.type_name(cause), "job_name": cause.name, "job_id": str(cause.pk)}
        services.finish(jobs[job_id], "failed", f"Previous Task Failed: {json.dumps(told)}", only=("pending",))


def begin_stepped() -> int:
    """Workflow jobs take no room: they begin as soon as nothing holds them up."""
    kinds, begun = kind_ids("stepped"), 0
    after = 0
    while True:
        rows = queries.fetch(queries.READY, after=after, kinds=list(kinds), limit=BATCH)
        ids = [row[0] for row in rows]
        if not ids:
            return begun
        after = ids[-1]
        fresh = [row[0] for row in queries.fetch(queries.BEGIN, ids=ids, controller=settings.CLUSTER_HOST_ID)]
        begun += len(fresh)
        for job in UnifiedJob.objects.filter(pk__in=fresh).order_by("pk"):
            services.note_active(job)
            services.announce_start(job)
            run_of(job).start(job)  # type: ignore[attr-defined]


def assign() -> int:
    """Give ready jobs to instances until the room or the jobs are used up."""
    kinds, room, after, assigned = kind_ids("worker"), Room(), 0, 0
    while not room.full():
        rows = queries.fetch(queries.READY, after=after, kinds=list(kinds), limit=BATCH)
        if not rows:
            break
        after = rows[-1][0]
        placed = []
        for job_id, kind, impact, groups, patient in rows:
            control = kinds[kind].control  # type: ignore[attr-defined]
            place = room.place(groups, impact, control=control)
            if place is not None:
                placed.append((job_id, place[1].hostname, place[0].pk))
            elif patient:
                room.hold(groups, impact, control=control)
        assigned += hand_over(placed)
    return assigned


def hand_over(placed: list[tuple[int, str, int]]) -> int:
    """Write the assignments down, then tell the instances; one that was canceled meanwhile is left out."""
    if not placed:
        return 0
    ids, nodes, groups = (list(column) for column in zip(*placed, strict=True))
    taken = queries.fetch(queries.ASSIGN, ids=ids, nodes=nodes, groups=groups, controller=settings.CLUSTER_HOST_ID)
    for job_id, node in sorted(taken):
        transaction.on_commit(lambda j=job_id, n=node: queue.send("apps.unified.tasks.run", j, node=n))
    told = [{"unified_job_id": job_id, "status": "waiting"} for job_id, _ in sorted(taken)]
    transaction.on_commit(lambda: live.publish("jobs-status_changed", *told))
    return len(taken)


def explain() -> None:
    """Every job that still waits says for what."""
    _explained[0] = time.monotonic()
    queries.fetch(queries.EXPLAIN, kinds=list(kind_ids("worker", "stepped")), **Room().obstacles())
