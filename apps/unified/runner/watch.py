"""One running job under watch: its spool is read from the stored offset on, and stored in batches."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from typing import Any

from django.utils import timezone

from apps.core.resources import Resource
from apps.unified import live
from apps.unified.events import store
from apps.unified.events.rows import family_of
from apps.unified.models import JobProcess, UnifiedJob

from . import environment, process
from .kinds import Run
from .workspace import Workspace

log = logging.getLogger(__name__)
FINAL = b'{"final": '
CHUNK = 1 << 20  # bytes that are read at once
BATCH = 1000  # events that are stored at once, however short the pause
PAUSE = 0.1  # seconds between two stores of less
KILL_AFTER = 10.0  # seconds between asking a job to end and making it
PATIENCE = 10  # failures in a row
GONE_AFTER = 0.2  # seconds for the last lines of a process that is gone to arrive


class Watch:
    """A job, its process, and how far its spool is stored."""

    def __init__(self, job: Any, row: JobProcess, run: Run) -> None:
        self.job, self.run, self.attempt, self.offset = job, run, row.attempt, row.offset
        self.workspace = run.workspace or Workspace.of(row.workspace)
        self.process = process.Process(row.pid or 0, row.pid_started or 0.0)
        self.final: dict[str, Any] | None = None
        self.stored_at = 0.0
        self.gone_at = 0.0
        self.kill_at = 0.0
        self.failures = 0  # in a row
        self.deadline = row.deadline
        self.hosts: dict[str, int] = {}
        self._spool: int | None = None

    # --- reading ---------------------------------------------------------------------------------------------------

    def spool(self) -> int | None:
        """The open spool, or None where the process has not made it yet."""
        if self._spool is None:
            try:
                self._spool = os.open(self.workspace.path / "spool", os.O_RDONLY)
            except FileNotFoundError:
                return None
        return self._spool

    def read(self) -> tuple[list[dict[str, Any]], int, dict[str, Any] | None]:
        """The whole records that follow the offset, the offset after them, and the final record behind them.

        The offset never passes the final record: a later supervisor must find it too.
        """
        handle = self.spool()
        if handle is None:
            return [], self.offset, None
        size = CHUNK
        while True:
            data = os.pread(handle, size, self.offset)
            end = data.rfind(b"\n") + 1
            if end or len(data) < size:
                break
            size *= 2  # one record is longer than the chunk
        records, offset = [], self.offset
        for line in data[:end].splitlines(keepends=True):
            record = json.loads(line)
            if "final" in record:
                return records, offset, record["final"]
            records.append(record)
            offset += len(line)
            if len(records) >= BATCH:
                break
        return records, offset, None

    def unread(self) -> int:
        """Bytes that wait in the spool."""
        handle = self.spool()
        return os.fstat(handle).st_size - self.offset if handle is not None else 0

    def ends(self) -> bool:
        """Whether the last thing in the spool is the final record: then nothing is waited for."""
        size = self.unread()
        tail = os.pread(self.spool() or 0, min(size, 400), self.offset + max(size - 400, 0))
        return FINAL in tail  # within an event the quotes would be escaped

    # --- storing ---------------------------------------------------------------------------------------------------

    def pump(self) -> bool:
        """Store what is due; whether there was anything."""
        if self.final is not None or not self.unread():
            return False
        now = time.monotonic()
        if now - self.stored_at < PAUSE and self.unread() < CHUNK // 4 and not self.ends():
            return False
        records, offset, final = self.read()
        if records:
            self.store(records, offset)
            self.stored_at = now
        self.failures = 0
        self.final = final  # only now that all before it is stored
        return bool(records)

    def store(self, records: list[dict[str, Any]], offset: int) -> None:
        """Store records and tell followers."""
        events = [self.looked_at(record["event"]) for record in records if "event" in record]
        for record in records:
            if "start" in record:
                self.store_start(record["start"])
        self.map_hosts(events)
        store.store(self.job, events, attempt=self.attempt, offset=(self.offset, offset), hosts=self.hosts)
        self.offset = offset
        self.publish(events)

    def looked_at(self, event: dict[str, Any]) -> dict[str, Any]:
        """Let the kind of job see an event; what fails there must not cost the event."""
        try:
            self.run.event(event)
        except Exception:
            log.exception("Job %s could not look at its event %s", self.job.pk, event.get("counter"))
        return event

    def store_start(self, start: dict[str, Any]) -> None:
        """What is run, where and with which environment: without secrets."""
        self.columns(
            job_args=json.dumps(start["args"]),
            job_cwd=start["cwd"][:1024],
            job_env=environment.shown(start["env"]),
        )

    def columns(self, **values: Any) -> None:
        """Write columns of the job."""
        UnifiedJob.objects.non_polymorphic().filter(pk=self.job.pk).update(**values)

    def map_hosts(self, events: list[dict[str, Any]]) -> None:
        """Learn the ids of hosts that are named for the first time."""
        names = {str((event.get("event_data") or {}).get("host") or "") for event in events} - self.hosts.keys() - {""}
        if names:
            found = self.run.host_ids(names)
            self.hosts |= {name: found.get(name) for name in names}  # type: ignore[misc]

    def publish(self, events: list[dict[str, Any]]) -> None:
        """Tell live followers, if there are any."""
        model = family_of(self.job.__class__)
        if not events or model is None:
            return
        kind = Resource.type_name(model)
        group = f"{kind}s-{self.job.pk}"
        if live.followed(group):
            live.publish(group, *({**event, "type": kind, model.family: self.job.pk} for event in events))

    def resync(self) -> bool:
        """After a doubtful store: take the offset that the database has; False where the job is another's now."""
        row = JobProcess.objects.filter(pk=self.job.pk, attempt=self.attempt).first()
        if row is None:
            return False
        self.offset = row.offset
        return True

    # --- ending ----------------------------------------------------------------------------------------------------

    def over(self) -> bool:
        """Whether everything is stored and nothing more will come."""
        if self.final is not None:
            return True
        if self.process.alive():
            self.gone_at = 0.0
            return False
        if not self.gone_at:
            self.gone_at = time.monotonic()
        waited = time.monotonic() - self.gone_at > GONE_AFTER
        if not waited:
            return False
        records, _offset, final = self.read()
        return not records and final is None  # what is still there is stored first

    def stop(self) -> None:
        """Ask the process to end; after a while it is made to."""
        if not self.kill_at:
            self.kill_at = time.monotonic() + KILL_AFTER
            self.process.signal(signal.SIGTERM)

    def enforce(self) -> None:
        """Make a process end that was asked to and did not, or whose time was over long ago."""
        if self.deadline is not None and timezone.now() > self.deadline:
            self.stop()
        if self.kill_at and time.monotonic() > self.kill_at:
            self.kill_at = time.monotonic() + KILL_AFTER
            self.process.signal(signal.SIGKILL)
            process.kill_all(self.workspace)

    def give_up(self, error: Exception) -> None:
        """Note that the spool cannot be read on; after some times the job is ended as it is."""
        self.failures += 1
        self.stop()
        if self.failures > PATIENCE:
            self.final = {"status": "error", "rc": None, "explanation": f"The job's output cannot be read: {error}"}

    def close(self) -> None:
        """Let go of the spool."""
        if self._spool is not None:
            os.close(self._spool)
            self._spool = None
