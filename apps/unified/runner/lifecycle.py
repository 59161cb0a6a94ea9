"""From the claim to the final status: the steps around a job's process, each safe to repeat."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from apps.unified import services
from apps.unified.models import JobProcess, UnifiedJob

from . import process
from .kinds import Refused, run_of
from .watch import Watch
from .workspace import Workspace

log = logging.getLogger(__name__)
T = TypeVar("T")
STALE = 60.0  # seconds after which a directory without a job is nobody's
OVERTIME = timedelta(seconds=30)  # for the process to notice by itself that its time is over
TIMED_OUT = "The job ran longer than its timeout and was stopped."


def persistently(action: Callable[[], T]) -> T:
    """Do something with the database, again and again while it is away; the pauses grow to five seconds."""
    pause = 0.1
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError) as error:
            log.warning("The database is away, trying again in %.1f s: %s", pause, error)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def claim(job_id: int, node: str) -> Any | None:
    """Take a waiting job of this node: it is `running` from here on; None where it is not ours to take."""
    now = timezone.now()
    with transaction.atomic():
        one = UnifiedJob.objects.non_polymorphic().filter(pk=job_id, status="waiting", execution_node=node)
        attempt = uuid4().hex
        changes = {"status": "running", "started": now, "modified": now, "job_explanation": ""}
        if not one.filter(cancel_flag=False).update(**changes, work_unit_id=attempt[:8]):
            return None
        row = JobProcess.objects.create(
            job_id=job_id, node=node, attempt=attempt, workspace=str(Workspace.name(job_id))
        )
        job = UnifiedJob.objects.get(pk=job_id)
        services.note_active(job)
    return job, row


def launch(job_id: int, node: str = "") -> Watch | None:
    """Claim a job, prepare it and start its process; None where there is nothing to watch."""
    taken = claim(job_id, node or settings.CLUSTER_HOST_ID)
    if taken is None:
        return None
    job, row = taken
    services.announce_start(job)
    workspace = Workspace.make(row.workspace)
    run = run_of(job)(job, workspace)
    try:
        command = run.prepare()
        started = process.start(command, workspace)
    except Refused as refusal:
        end(job, workspace, refusal.status, str(refusal))
        return None
    except process.NotStartedError:
        workspace.remove()
        services.released(job_id)
        return None
    except DatabaseError:
        workspace.remove()
        services.released(job_id)
        raise
    except Exception as error:
        log.exception("Job %s could not be prepared", job_id)
        end(job, workspace, "error", f"The job could not be prepared: {error}", result_traceback=traceback.format_exc())
        return None
    return Watch(job, row, run) if remember(row, started, command.timeout) else None


def remember(row: JobProcess, started: process.Process, timeout: int) -> bool:
    """Note the process of a job; False where the job is another's, or was given up while it was prepared."""
    row.pid, row.pid_started = started.pid, started.started
    if timeout:
        row.deadline = timezone.now() + timedelta(seconds=timeout) + OVERTIME
    known = {"pid": row.pid, "pid_started": row.pid_started, "deadline": row.deadline}
    mine = JobProcess.objects.filter(pk=row.pk, attempt=row.attempt)
    if persistently(lambda: mine.update(**known)):
        return True
    lose(row.pk, Workspace.of(row.workspace))
    return False


def lose(job_id: int, workspace: Workspace) -> None:
    """The job is another worker's of this node now, or it was given up: then it is stopped."""
    if persistently(lambda: JobProcess.objects.filter(pk=job_id).exists()):
        log.warning("Job %s is watched by another worker now", job_id)
    else:
        log.warning("Job %s was given up while this instance was silent; it is stopped", job_id)
        abandon(workspace)


def end(job: Any, workspace: Workspace, status: str, explanation: str = "", **columns: Any) -> None:
    """Write the final status; the workspace goes when it stands in the database."""
    persistently(lambda: services.finish(job, status, explanation, **columns))
    workspace.remove()


def take_up(row: JobProcess) -> Watch | None:
    """Watch a job again that an earlier worker of this node started; one that never started goes back in line."""
    attempt = uuid4().hex
    if not JobProcess.objects.filter(pk=row.pk, attempt=row.attempt).update(attempt=attempt):
        return None
    row.attempt = attempt
    workspace = Workspace.of(row.workspace)
    if row.pid is None:
        found = process.claimed(workspace)
        if found is None:
            if workspace.path.exists():
                workspace.remove()
            services.released(row.pk)
            return None
        row.pid, row.pid_started = found.pid, found.started
        JobProcess.objects.filter(pk=row.pk).update(pid=found.pid, pid_started=found.started)
    job = UnifiedJob.objects.get(pk=row.pk)
    run = run_of(job)(job, workspace)
    run.recall()
    return Watch(job, row, run)


def abandon(workspace: Workspace) -> None:
    """Stop what runs in a workspace whose job is over for the database, and remove it."""
    process.kill_all(workspace)
    workspace.remove()


def tidy() -> None:
    """Abandon workspaces that no running job owns.

    They are of jobs that ended in the moment in which a worker was killed, or that were given up while this host was
    silent.
    """
    root = Path(settings.RUNNER_ROOT)
    found = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    owned = set(JobProcess.objects.values_list("workspace", flat=True))
    for path in found:
        if str(path) not in owned and time.time() - path.stat().st_mtime > STALE:
            abandon(Workspace(path))


def verdict(watch: Watch, *, canceled: bool) -> tuple[str, str]:
    """The job's status and its explanation, from the final record or from its absence."""
    final = watch.final
    if final is None:
        return ("canceled", "") if canceled else ("error", process.why_gone(watch.workspace))
    status, explanation = final["status"], final.get("explanation", "")
    if status == "timeout":
        return "failed", TIMED_OUT
    if canceled and status != "successful":
        return "canceled", ""
    return (status, explanation) if status in {"successful", "failed", "canceled"} else ("error", explanation)


def conclude(watch: Watch) -> None:
    """The process is over and its events are stored: let the kind of job do its part, then write the final status."""
    job = watch.job
    watch.close()
    if not persistently(lambda: JobProcess.objects.filter(pk=job.pk, attempt=watch.attempt).exists()):
        lose(job.pk, watch.workspace)
        return
    fresh = persistently(lambda: UnifiedJob.objects.get(pk=job.pk))
    if watch.final is None or fresh.cancel_flag or watch.final["status"] not in {"successful", "failed"}:
        process.kill_all(watch.workspace)  # what was stopped leaves nothing behind; what ended may (async tasks)
    watch.run.job = fresh
    status, explanation = verdict(watch, canceled=fresh.cancel_flag)
    columns: dict[str, Any] = {"result_traceback": (watch.final or {}).get("traceback", "")}
    try:
        persistently(lambda: watch.run.finished(status))
    except Refused as refusal:
        status, explanation = refusal.status, str(refusal)
    except Exception as error:
        log.exception("Job %s could not be completed", job.pk)
        status, explanation = "error", f"The job could not be completed: {error}"
        columns["result_traceback"] = traceback.format_exc()
    counter = persistently(lambda: JobProcess.objects.filter(pk=job.pk).values_list("counter", flat=True).first())
    end(fresh, watch.workspace, status, explanation, emitted_events=counter or 0, **columns)
