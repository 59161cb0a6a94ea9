"""Several hosts that run jobs for one installation, each with a home and a queue of its own."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import psutil

from .installation import Installation
from .network import Wire

SETUP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from apps.instances.models import InstanceGroup
from apps.system.models import SystemJobTemplate
for name in ("default", "controlplane"):
    InstanceGroup.objects.create(name=name, policy_instance_percentage=100)
SystemJobTemplate.objects.create(name="probe", job_type="cleanup_jobs")
"""
BEAT, LOST, GIVEN_UP = 1, 8, 16  # seconds


class Hosts(Installation):
    """PostgreSQL, Valkey, the clock and a control worker; hosts come and go."""

    setup = SETUP

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.env |= {
            "HEARTBEAT_SECONDS": str(BEAT),
            "INSTANCE_LOST_SECONDS": str(LOST),
            "JOBS_LOST_SECONDS": str(GIVEN_UP),
            "CLUSTER_HOST_ID": "control",
        }

    def start(self) -> None:
        """Everything but the hosts."""
        self.start_control()
        self.celery("beat", ["beat", "-s", str(self.place / "beat"), "--pidfile="])

    def start_host(self, name: str, wires: dict[str, Wire] | None = None) -> None:
        """A worker on a host of its own; `wires` to the database and the broker can be cut."""
        env = {"CLUSTER_HOST_ID": name, "AWX_LITE_HOME": str(self.place / name)}
        if wires:
            env["DATABASE_URL"] = f"postgres://awx@127.0.0.1:{wires['database'].port}/awx?sslmode=disable"
            env["REDIS_URL"] = f"redis://127.0.0.1:{wires['broker'].port}/0"
        pool = ["-Q", f"jobs.{name}", "-P", "threads", "-c", "20"]
        self.celery(name, ["worker", "-n", f"jobs@{name}", *pool, "--without-gossip", "--without-mingle"], **env)
        self.until_ready(name)
        self.until(lambda: self.state(name) == "ready", what=lambda: self.log(name))

    def wires(self) -> dict[str, Wire]:
        """Wires to the database and the broker."""
        return {"database": Wire(self.postgres.socket), "broker": Wire(self.valkey.socket)}

    def state(self, name: str) -> str:
        """The node_state of an instance; "" where it is not registered."""
        found = self.query("SELECT node_state FROM instances_instance WHERE hostname = %s", name)
        return found[0][0] if found else ""

    def only(self, *names: str) -> None:
        """Jobs go to these hosts alone."""
        self.query(
            "UPDATE instances_instance SET enabled = hostname = ANY(%s),"
            " capacity = CASE WHEN hostname = ANY(%s) AND node_state = 'ready' THEN mem_capacity ELSE 0 END"
            " RETURNING id",
            list(names),
            list(names),
        )

    def prepared(self, *asked: dict[str, Any]) -> list[int]:
        """Jobs that are pending since no host takes any; only() lets them go at once."""
        self.only()
        return self.submit(*asked)

    def where(self, pk: int) -> str:
        """The instance of a job."""
        return str(self.query("SELECT execution_node FROM unified_unifiedjob WHERE id = %s", pk)[0][0])

    def processes(self, name: str) -> list[psutil.Process]:
        """All processes of a host: its worker, the nursery, and the jobs with their children."""
        mark, found = f"{self.place / name}/", psutil.Process(self.children[name].pid).children(recursive=True)
        for process in psutil.process_iter():
            try:
                values = process.environ().values()
            except psutil.Error:
                continue
            if any(value.startswith(mark) or value == mark[:-1] for value in values):
                found.append(process)
        return found

    def signal_host(self, name: str, number: int) -> None:
        """Send a signal to everything that runs on a host."""
        for process in self.processes(name):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        child = self.children[name]
        os.killpg(child.pid, number)
        if number == signal.SIGKILL:
            self.children.pop(name).wait()

    def log_of(self, *names: str) -> dict[str, Any]:
        """The ends of logs, for people who look for the reason of a failure."""
        return {name: self.log(name)[-2000:] for name in names}
