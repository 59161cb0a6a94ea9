"""The supervisor of an instance: one thread that watches all of its running jobs, however many there are.

What it must know stands in JobProcess rows, so any new worker of the instance goes on where the last one was.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from apps.instances import services as instances
from apps.unified import queue
from apps.unified.events.store import LostError
from apps.unified.models import JobProcess, UnifiedJob

from . import lifecycle, nursery, process
from .watch import Watch

log = logging.getLogger(__name__)
LOOK = 0.02  # seconds between two looks at the spools
LOOK_IDLE = 0.03
BACKLOG = 1 << 16  # bytes in a spool that leave no time for a pause
SWEEP = 2.0  # seconds between two looks at the database for what no message told
TIDY = 60.0  # seconds between two looks for processes that no job owns
LOST_AFTER = timedelta(seconds=3)
CONCLUDERS = 4


class Supervisor:
    """Watches jobs until they are over."""

    def __init__(self, node: str = "") -> None:
        self.node = node or settings.CLUSTER_HOST_ID
        self.watches: dict[int, Watch] = {}
        self.busy: set[int] = set()  # being launched, taken up or concluded
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.stopping = False
        self.swept = self.tidied = self.beaten = float("-inf")
        self.pool = ThreadPoolExecutor(CONCLUDERS, thread_name_prefix="conclude")
        self.thread = threading.Thread(target=self.loop, name="supervisor", daemon=True)

    def start(self) -> Supervisor:
        """Begin to watch."""
        nursery.open_up()
        self.thread.start()
        return self

    def stop(self) -> None:
        """Let go of all jobs; they run on, and the next supervisor takes them up."""
        self.stopping = True
        self.wake.set()
        self.thread.join(timeout=10)
        self.pool.shutdown(wait=True)

    # --- jobs come and go ------------------------------------------------------------------------------------------

    def launch(self, job_id: int) -> None:
        """Start a job that was dispatched to this node; a message that comes twice changes nothing."""
        if not self.reserve(job_id):
            return
        try:
            watch = lifecycle.persistently(lambda: lifecycle.launch(job_id, self.node))
            if watch is not None:
                self.add(watch)
        finally:
            self.busy.discard(job_id)

    def reserve(self, job_id: int) -> bool:
        """Make sure that one thread at a time deals with a job."""
        with self.lock:
            if job_id in self.busy or job_id in self.watches:
                return False
            self.busy.add(job_id)
            return True

    def add(self, watch: Watch) -> None:
        """Watch a job."""
        with self.lock:
            self.watches[watch.job.pk] = watch
        self.wake.set()

    def cancel(self, job_id: int) -> None:
        """Stop a running job."""
        watch = self.watches.get(job_id)
        if watch is not None:
            watch.stop()

    # --- the loop --------------------------------------------------------------------------------------------------

    def loop(self) -> None:
        """Look at all spools, and now and then at the database, until told to stop."""
        lifecycle.persistently(lambda: instances.join(self.node))
        while not self.stopping:
            try:
                active = self.look()
                if time.monotonic() - self.swept > SWEEP:
                    self.sweep()
                    self.swept = time.monotonic()
            except (OperationalError, InterfaceError) as error:
                log.warning("The database is away; the jobs run on: %s", error)
                connection.close()
                time.sleep(0.5)
                continue
            except Exception:
                log.exception("The supervisor stumbled; it goes on")
                time.sleep(0.5)
                continue
            self.wake.clear()
            if not self.watches:
                self.wake.wait(SWEEP)
            else:
                behind = any(watch.unread() > BACKLOG for watch in self.watches.values())
                self.wake.wait(0 if behind else LOOK if active else LOOK_IDLE)
        connection.close()

    def look(self) -> bool:
        """Store what is new in each spool; whether anything was."""
        active = False
        for job_id, watch in list(self.watches.items()):
            try:
                active |= watch.pump()
                watch.enforce()
                if watch.over():
                    self.conclude(job_id, watch)
            except LostError:
                if not watch.resync():
                    self.lost(job_id, watch)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                log.exception("Job %s cannot be watched on; it is stopped", job_id)
                watch.give_up(error)
                time.sleep(0.2)
        return active

    def drop(self, job_id: int, watch: Watch) -> None:
        """Watch a job no longer."""
        with self.lock:
            self.watches.pop(job_id, None)
        watch.close()

    def lost(self, job_id: int, watch: Watch) -> None:
        """Watch a job no longer that this supervisor does not hold any more."""
        self.drop(job_id, watch)
        self.pool.submit(lifecycle.lose, job_id, watch.workspace)

    def conclude(self, job_id: int, watch: Watch) -> None:
        """End a job in a thread of its own: what its kind does then may take a while."""
        with self.lock:
            self.watches.pop(job_id, None)
            self.busy.add(job_id)
        self.pool.submit(self.concluded, job_id, watch)

    def concluded(self, job_id: int, watch: Watch) -> None:
        """The end of a job; whatever goes wrong here is found again by the sweep."""
        try:
            lifecycle.conclude(watch)
        except Exception:
            log.exception("Job %s could not be ended; it is tried again", job_id)
        finally:
            self.busy.discard(job_id)

    def sweep(self) -> None:
        """What no message told: jobs of an earlier worker, cancellations, starts whose message was lost."""
        process.reap()
        self.live()
        known = set(self.watches) | self.busy
        for row in JobProcess.objects.filter(node=self.node).exclude(pk__in=known):
            if self.reserve(row.pk):
                try:
                    watch = lifecycle.take_up(row)
                    if watch is not None:
                        log.info("Job %s is watched again", row.pk)
                        self.add(watch)
                finally:
                    self.busy.discard(row.pk)
        self.check()
        jobs = UnifiedJob.objects.non_polymorphic()
        lost = jobs.filter(
            status="waiting", execution_node=self.node, modified__lt=timezone.now() - LOST_AFTER, cancel_flag=False
        )
        for job_id in lost.order_by("pk").values_list("pk", flat=True)[:50]:
            self.pool.submit(self.launch, job_id)
        if jobs.filter(status="pending", modified__lt=timezone.now() - LOST_AFTER).exists():
            queue.signal_dispatch()  # the call for these may have been lost with the broker

    def check(self) -> None:
        """See which of the watched jobs were canceled, and which are not ours any more."""
        watched = dict(self.watches)
        if not watched:
            return
        canceled = UnifiedJob.objects.non_polymorphic().filter(pk__in=watched, cancel_flag=True)
        for job_id in canceled.values_list("pk", flat=True):
            self.cancel(job_id)
        held = dict(JobProcess.objects.filter(pk__in=watched).values_list("pk", "attempt"))
        for job_id, watch in watched.items():
            if held.get(job_id) != watch.attempt and self.watches.get(job_id) is watch:
                self.lost(job_id, watch)

    def live(self) -> None:
        """The heartbeat, and now and then a look for what no job owns."""
        now = time.monotonic()
        if now - self.beaten > instances.EVERY:
            instances.beat(self.node)
            self.beaten = now
        if now - self.tidied > TIDY:
            lifecycle.tidy()
            self.tidied = now


_lock = threading.Lock()
_own: list[Supervisor] = []


def supervisor() -> Supervisor:
    """The supervisor of this process, started when first asked for."""
    with _lock:
        if not _own:
            _own.append(Supervisor().start())
        return _own[0]


def run_here(job_id: int, node: str = "") -> None:
    """Run a dispatched job to its end in this very thread, as commands and tests do."""
    watch = lifecycle.launch(job_id, node)
    while watch is not None:
        watch.stored_at = 0.0
        if not watch.pump():
            watch.enforce()
            if watch.over():
                lifecycle.conclude(watch)
                return
            time.sleep(LOOK)
