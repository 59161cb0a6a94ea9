"""Finished jobs of every kind that are older than some days, with their events."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from apps.core.progress import Progress
from apps.unified.events import tables
from apps.unified.events.rows import FAMILIES
from apps.unified.models import FINISHED, UnifiedJob

from .sets import delete

BATCH = 5000
MOST_WORKERS = 4  # connections that delete at the same time
ATTEMPTS = 3
# the flag of the command -> the model's name
KINDS = {
    "jobs": "job",
    "ad_hoc_commands": "adhoccommand",
    "project_updates": "projectupdate",
    "inventory_updates": "inventoryupdate",
    "management_jobs": "systemjob",
    "workflow_jobs": "workflowjob",
    "workflow_approvals": "workflowapproval",
}


def kind_ids(kinds: Iterable[str]) -> dict[int, str]:
    """{content type: flag} of the kinds asked for."""
    names = {model: flag for flag, model in KINDS.items() if flag in set(kinds)}
    found = ContentType.objects.filter(model__in=names)
    return {kind.pk: names[kind.model] for kind in found}


def old(kinds: Iterable[int], before: datetime, keep: int) -> Any:
    """Ids of the jobs to delete: over, created before, and not among the last `keep` of their template."""
    rows = UnifiedJob.objects.non_polymorphic().filter(polymorphic_ctype__in=list(kinds)).order_by()
    due = rows.filter(created__lt=before, status__in=FINISHED)
    if keep:
        latest = rows.exclude(unified_job_template=None).annotate(
            place=Window(RowNumber(), partition_by="unified_job_template", order_by=F("id").desc())
        )
        due = due.exclude(pk__in=latest.filter(place__lte=keep).values("pk"))
    return due


def clean(kinds: Iterable[str], days: int, *, keep: int = 0, dry_run: bool = False) -> dict[str, int]:
    """Delete them; {kind: how many}. Each batch commits by itself, so that it may be stopped at any time."""
    before = timezone.now() - timedelta(days=days)
    types, counts = kind_ids(kinds), dict.fromkeys(kinds, 0)
    for content_type, flag in types.items():
        due = old([content_type], before, keep)
        number = due.count()
        if not dry_run and number:
            model = ContentType.objects.get_for_id(content_type).model_class()
            number = erase_all(batches(due), model, number)
        counts[flag] = number
    if not dry_run:
        clean_events(before)
    return counts


def batches(due: Any) -> Iterator[list[int]]:
    """The ids of one query, some at a time: the server keeps them, and no batch wades through what others deleted."""
    ids = iter(due.order_by("pk").values_list("pk", flat=True).iterator(BATCH))
    while batch := list(islice(ids, BATCH)):
        yield batch


def erase_all(todo: Iterator[list[int]], model: Any, number: int) -> int:
    """Delete every batch; many go over several connections, since one keeps the database busy on one core only."""
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    if connection.in_atomic_block or number <= workers * BATCH or workers == 1:
        with Progress("jobs", number) as bar:
            return sum(erase_batch(model, ids, bar) for ids in todo)
    with Progress("jobs", number) as bar, ThreadPoolExecutor(workers) as pool:
        gone, running = 0, deque[Future[int]]()
        for ids in todo:
            running.append(pool.submit(erase_apart, model, ids, bar))
            if len(running) > workers:
                gone += running.popleft().result()
        return gone + sum(future.result() for future in running)


def erase_batch(model: Any, ids: list[int], bar: Progress) -> int:
    """Delete some jobs with all that hangs on them, in a transaction of their own."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # foreign keys are checked statement by statement: twice as fast as all together at the end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        gone = delete(UnifiedJob, ids, model)
    bar.advance(gone)
    return gone


def erase_apart(model: Any, ids: list[int], bar: Progress) -> int:
    """The same in a thread; again where two batches waited for each other's templates or hosts."""
    try:
        for _ in range(ATTEMPTS - 1):
            try:
                return erase_batch(model, ids, bar)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return erase_batch(model, ids, bar)
    finally:
        connection.close()


def clean_events(before: datetime) -> None:
    """Events of jobs that are gone: whole days by dropping their partition, the rest row by row.

    Today's partition stays: every process that stores events remembers that it is there.
    """
    today = datetime.now(UTC).date()
    for model in FAMILIES:
        job = model._meta.get_field(model.family)
        for day in tables.days(model):
            if day > before.astimezone(UTC).date():
                break
            begin = datetime.combine(day, time(), UTC)
            rows = job.related_model._base_manager.filter(created__gte=begin, created__lt=begin + timedelta(days=1))
            if day >= today or rows.exists():
                orphans(model, job, day)
            else:
                tables.drop(model, day)


def orphans(model: Any, job: Any, day: Any) -> None:
    """Delete a day's events whose job is gone."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {quote(tables.partition(model, day))} e WHERE NOT EXISTS ("  # noqa: S608  (names of models)
            f"SELECT 1 FROM {quote(UnifiedJob._meta.db_table)} j WHERE j.id = e.{quote(job.column)})"
        )
