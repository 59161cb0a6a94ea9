"""What is done to jobs: create, submit, cancel, finish, delete.

Every change of status is a conditional UPDATE: of two that race, one wins and the other learns that it did not.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.core import events

from . import live
from .events import rows
from .models import ACTIVE, JobProcess, UnifiedJob, UnifiedJobTemplate
from .queue import send, signal_dispatch
from .runner.kinds import Run, run_of

log = logging.getLogger(__name__)
FAILED = ("failed", "error", "canceled")
BASE_COPIED = ("name", "description", "organization", "execution_environment")


# --- making -----------------------------------------------------------------------------------------------------------


@functools.cache
def copied_columns(template_class: Any, job_class: Any) -> tuple[tuple[str, str], ...]:
    """(attribute, attribute) of the columns that a job takes over from its template, beside the link to it."""
    base = {field.name for field in UnifiedJobTemplate._meta.concrete_fields}
    theirs = {f.name: f for f in template_class._meta.concrete_fields if f.name not in base or f.name in BASE_COPIED}
    own = getattr(job_class, "own_columns", ())  # found out by the job itself
    ours = {f.name: f for f in job_class._meta.concrete_fields if f.name not in own}
    return tuple((theirs[name].attname, ours[name].attname) for name in theirs if name in ours)


@functools.cache
def parent_field(template_class: Any, job_class: Any) -> str | None:
    """The job's foreign key to its own kind of template (`job_template`)."""
    for field in job_class._meta.concrete_fields:
        if field.is_relation and field.related_model is template_class and not field.remote_field.parent_link:
            return field.name
    return None


def create_job(
    template: Any, *, launch_type: str = "manual", many: Mapping[str, Iterable[Any]] | None = None, **columns: Any
) -> Any:
    """A `new` job of a template: its columns, credentials and labels, unless given here; submit() starts it."""
    job_class = type(template).job_class()
    values = {ours: getattr(template, theirs) for theirs, ours in copied_columns(template.__class__, job_class)}
    names = {field.name: field.attname for field in job_class._meta.concrete_fields}
    values = {k: v for k, v in values.items() if not any(names.get(name) == k for name in columns)}
    parent = parent_field(template.__class__, job_class)
    if parent and parent not in columns:
        values[parent] = template
    job = job_class(unified_job_template_id=template.pk, launch_type=launch_type, **(values | columns))
    with transaction.atomic():
        job.save()
        for name in ("credentials", "labels"):
            chosen = many[name] if many and name in many else getattr(template, name).all()
            if chosen := list(chosen):
                getattr(job, name).add(*chosen)
    return job


def submit(job: Any) -> Any:
    """Make a new job `pending`; it is dispatched as soon as this is committed."""
    run = run_of(job)
    job.status = "pending"
    job.lane, job.waits_on = run.lane(job), list(run.waits_on(job))
    job.task_impact = run.task_impact(job)
    job.preferred_groups = [group.pk for group in run.instance_groups(job)]
    job.dependencies_processed = run.dependencies.__func__ is Run.dependencies.__func__  # type: ignore[attr-defined]
    job.save(update_fields=["status", "lane", "waits_on", "task_impact", "preferred_groups", "dependencies_processed"])
    note_active(job)
    transaction.on_commit(lambda: live.status(job, "pending"))
    if run.mode != "waiting":
        transaction.on_commit(signal_dispatch)
    return job


def note_active(job: Any) -> None:
    """The template shows its current job."""
    if job.unified_job_template_id and job.shows_on_template:
        rows_ = UnifiedJobTemplate.objects.non_polymorphic().filter(pk=job.unified_job_template_id)
        rows_.update(current_job=job.pk, status=job.status)


# --- ending -----------------------------------------------------------------------------------------------------------


def finish(job: Any, status: str, explanation: str = "", *, only: Iterable[str] = ACTIVE, **columns: Any) -> bool:
    """End a job with its final status; False where it was over already (or not in one of the states `only`).

    The listeners of core.events.finished hear of it after the commit; if this process dies before, the sweep does it.
    """
    now = timezone.now()
    with transaction.atomic():
        base = UnifiedJob.objects.non_polymorphic().filter(pk=job.pk, status__in=tuple(only))
        before = base.select_for_update(of=("self",)).values("started").first()
        if before is None:
            return False
        started = before["started"]
        elapsed = Decimal(str(round((now - started).total_seconds(), 3))) if started else Decimal(0)
        if explanation or status == "successful" or started is None:
            columns["job_explanation"] = explanation
        base.update(
            status=status, failed=status in FAILED, finished=now, elapsed=elapsed, modified=now, start_args="",
            announced=False, event_processing_finished=True, canceled_on=now if status == "canceled" else None,
            **columns,
        )  # fmt: skip
        JobProcess.objects.filter(pk=job.pk).delete()
        job.status, job.finished, job.elapsed, job.failed = status, now, elapsed, status in FAILED
        note_finished(job)
        transaction.on_commit(lambda: announce(job.pk))
    return True


def note_finished(job: Any) -> None:
    """The template shows its last job."""
    if not (job.unified_job_template_id and job.shows_on_template):
        return
    template = UnifiedJobTemplate.objects.filter(pk=job.unified_job_template_id).first()
    if template is None:
        return
    one = UnifiedJobTemplate.objects.non_polymorphic().filter(pk=template.pk)
    one.filter(Q(last_job=None) | Q(last_job__lte=job.pk)).update(
        last_job=job.pk, last_job_failed=job.failed, last_job_run=job.finished
    )
    one.filter(Q(current_job=None) | Q(current_job=job.pk)).update(
        current_job=None, status=template.settled_status(job)
    )


def announce(job_id: int) -> None:
    """Tell everyone that a job is over: the dispatcher, followers, and the listeners of core.events.finished."""
    signal_dispatch()
    job = UnifiedJob.objects.filter(pk=job_id).first()
    if job is None:
        return
    live.status(job, job.status)
    for receiver, answer in events.finished.send_robust(sender=type(job), job=job):
        if isinstance(answer, Exception):
            log.error("%s failed on the end of job %s", receiver, job_id, exc_info=answer)
    UnifiedJob.objects.non_polymorphic().filter(pk=job_id).update(announced=True)


def announce_start(job: Any) -> None:
    """Tell everyone that a job runs."""
    live.status(job, "running")
    for receiver, answer in events.started.send_robust(sender=type(job), job=job):
        if isinstance(answer, Exception):
            log.error("%s failed on the start of job %s", receiver, job.pk, exc_info=answer)


# --- canceling --------------------------------------------------------------------------------------------------------


def cancel(job: Any, explanation: str = "") -> bool:
    """Cancel a job at whatever stage it is; False where it was over already. A running one ends a moment later."""
    one = UnifiedJob.objects.non_polymorphic().filter(pk=job.pk)
    if not one.filter(status__in=ACTIVE).update(cancel_flag=True):
        return False
    if explanation:
        one.filter(job_explanation="").update(job_explanation=explanation)
    run = run_of(job)
    if run.mode != "worker":
        return run.cancel(job) or finish(job, "canceled", explanation)  # type: ignore[attr-defined]
    if finish(job, "canceled", explanation, only=("new", "pending", "waiting")):
        return True
    node = one.values_list("execution_node", flat=True).first()
    transaction.on_commit(lambda: send("apps.unified.tasks.stop", job.pk, node=node or ""))
    return True


# --- deleting ---------------------------------------------------------------------------------------------------------


def active_jobs(template_ids: Iterable[int]) -> Any:
    """The jobs of templates that are not over: what a 409 on deleting the template names."""
    return UnifiedJob.objects.non_polymorphic().filter(unified_job_template__in=template_ids, status__in=ACTIVE)


def delete_jobs(jobs: Iterable[Any]) -> None:
    """Delete finished jobs of one kind with their events, by sets."""
    jobs = list(jobs)
    if not jobs:
        return
    with transaction.atomic():
        rows.delete(jobs)
        type(jobs[0]).objects.filter(pk__in=[job.pk for job in jobs]).delete()


def released(job_id: int) -> None:
    """Put a claimed job that has not been started back in line."""
    with transaction.atomic():
        UnifiedJob.objects.non_polymorphic().filter(pk=job_id, status="running").update(
            status="pending", started=None, execution_node="", controller_node=""
        )
        JobProcess.objects.filter(pk=job_id).delete()
        transaction.on_commit(signal_dispatch)


def counted(job_id: int, number: int) -> None:
    """Add to the number of events that the job emitted."""
    UnifiedJob.objects.non_polymorphic().filter(pk=job_id).update(emitted_events=F("emitted_events") + number)
