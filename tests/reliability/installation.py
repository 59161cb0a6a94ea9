"""Servers and workers as separate processes, each of which a test may kill at any moment."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg2

from awx_lite.up.binaries import Account
from awx_lite.up.postgres import Postgres, plain_environment
from awx_lite.up.valkey import Valkey

ROOT = Path(__file__).parent.parent.parent
NODE = "reliable"
SETUP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from apps.instances.models import Instance, InstanceGroup
from apps.system.models import SystemJobTemplate
node = Instance.objects.create(hostname="reliable", capacity=100, node_state="ready", node_type="hybrid")
for name in ("default", "controlplane"):
    InstanceGroup.objects.create(name=name).instances.add(node)
SystemJobTemplate.objects.create(name="probe", job_type="cleanup_jobs")
"""
SUBMIT = """
import json
import tests.reliability.worker  # so that the jobs are of its kind, which run beside each other
from apps.system.models import SystemJobTemplate
from apps.unified import services
template = SystemJobTemplate.objects.get(name="probe")
for asked in json.loads({asked!r}):
    print(services.submit(services.create_job(template, extra_vars=json.dumps(asked))).pk)
"""


class Installation:
    """PostgreSQL, Valkey, and the two workers."""

    setup: ClassVar[str] = SETUP  # what is run once the tables can be made

    def __init__(self, place: Path) -> None:
        self.place = place
        self.postgres = Postgres.at(place / "pg")
        self.valkey = Valkey.at(place / "vk")
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.ready: dict[str, int] = {}  # how often a worker had said so before it was started
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/root"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "AWX_LITE_HOME": str(place / "home"),
            "CLUSTER_HOST_ID": NODE,
            "SECRET_KEY": "a key for tests only",
        }

    # --- processes -------------------------------------------------------------------------------------------------

    @classmethod
    @contextmanager
    def running(cls, prefix: str) -> Iterator[Self]:
        """One in a place of its own, for a while."""
        place = Path(tempfile.mkdtemp(prefix=prefix))
        place.chmod(0o755)
        made = cls(place)
        try:
            made.start()
            yield made
        finally:
            made.stop()
            shutil.rmtree(place, ignore_errors=True)

    def start_control(self) -> None:
        """The servers with the tables, and the control worker."""
        self.postgres.prepare()
        self.start_postgres()
        self.postgres.create_database()
        self.start_valkey()
        self.python(self.setup)
        self.start_worker("control")

    def start(self) -> None:
        """Everything, with one instance."""
        self.start_control()
        self.start_worker("jobs")

    def spawn(self, name: str, argv: list[str], **options: Any) -> None:
        """Start a process under a name."""
        with (self.place / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **options
            )

    def start_postgres(self) -> None:
        """PostgreSQL; after a kill its last children must be gone first."""
        deadline = time.monotonic() + 30
        while True:
            account = self.postgres.account
            self.spawn("postgres", self.postgres.command(), cwd="/", env=plain_environment(), **account.popen())
            while self.children["postgres"].poll() is None:
                if self.postgres.answers():
                    return
                time.sleep(0.05)
            assert time.monotonic() < deadline, self.log("postgres")
            time.sleep(0.2)

    def start_valkey(self) -> None:
        """Valkey."""
        self.spawn("valkey", self.valkey.command(), cwd="/", env=plain_environment(), **Account().popen())
        self.until(self.valkey.answers)

    def start_worker(self, queue: str) -> None:
        """A worker, as the launcher starts it."""
        pool = ["-Q", "control", "-P", "prefork", "-c", "2"]
        if queue == "jobs":
            pool = ["-Q", f"jobs.{NODE}", "-P", "threads", "-c", "20"]
        self.celery(queue, ["worker", "-n", f"{queue}@{NODE}", *pool, "--without-gossip", "--without-mingle"])
        self.until_ready(queue)

    def celery(self, name: str, command: list[str], **changes: str) -> None:
        """A process of Celery, with changes to its environment."""
        argv = [sys.executable, "-m", "celery", "-A", "tests.reliability.worker", *command, "--loglevel", "INFO"]
        self.ready[name] = self.log(name).count("ready.")
        self.spawn(name, argv, cwd=ROOT, env=self.env | changes)

    def until_ready(self, name: str) -> None:
        """Until a worker that was just started takes tasks."""
        self.until(lambda: self.log(name).count("ready.") > self.ready[name], seconds=60, what=lambda: self.log(name))

    def kill(self, name: str) -> None:
        """kill -9, with the processes of its pool."""
        child = self.children.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def stop(self) -> None:
        """Everything goes."""
        for name in list(self.children):
            self.kill(name)

    def log(self, name: str) -> str:
        """What a process printed."""
        path = self.place / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- what is asked ---------------------------------------------------------------------------------------------

    def python(self, code: str) -> str:
        """Run code with Django set up, as the web process would; what it printed."""
        code = "import awx_lite, django; django.setup()\n" + code
        argv = [sys.executable, "-c", code]
        done = subprocess.run(argv, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def submit(self, *asked: dict[str, Any]) -> list[int]:
        """Submit jobs; their ids."""
        return [int(line) for line in self.python(SUBMIT.format(asked=json.dumps(asked))).split()]

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, over a connection of its own."""
        connection = psycopg2.connect(host=str(self.postgres.sockets), user="awx", dbname="awx")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    def job(self, pk: int) -> dict[str, Any]:
        """Status, explanation and number of events of a job."""
        sql = "SELECT status, job_explanation, emitted_events FROM unified_unifiedjob WHERE id = %s"
        return dict(zip(("status", "job_explanation", "emitted_events"), self.query(sql, pk)[0], strict=True))

    def counters(self, pk: int) -> list[int]:
        """The counters of the stored events, in order."""
        sql = "SELECT counter FROM unified_systemjobevent WHERE system_job_id = %s ORDER BY counter"
        return [row[0] for row in self.query(sql, pk)]

    def process(self, pk: int) -> tuple[int, str]:
        """The process id and the workspace of a running job."""
        found = self.until(
            lambda: self.query(
                "SELECT pid, workspace FROM unified_jobprocess WHERE job_id = %s AND pid IS NOT NULL", pk
            )
        )
        return found[0]

    def wait_for(self, pk: int, *states: str, seconds: float = 60) -> dict[str, Any]:
        """Until a job has one of the states."""
        self.until(lambda: self.job(pk)["status"] in states, seconds=seconds, what=lambda: self.job(pk))
        return self.job(pk)

    @staticmethod
    def until(condition: Callable[[], Any], seconds: float = 30, what: Callable[[], Any] = lambda: "") -> Any:
        """Poll until a condition holds; its value."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"It never happened. {what()}"
            time.sleep(0.05)
        return value
