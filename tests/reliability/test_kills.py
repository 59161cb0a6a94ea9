"""kill -9 of each part while jobs run: nothing is lost, nothing is stored twice, every job ends as it should."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from .installation import Installation

LINES = 400
SLOW = f"import time\nfor i in range({LINES}):\n    print('line', i)\n    time.sleep(0.01)"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
{tasks}
"""


def spool_of(workspace: str) -> int:
    """The open spool of a job: it can be read to its end even after the workspace was removed."""
    path = Path(workspace, "spool")
    Installation.until(path.exists)
    return os.open(path, os.O_RDONLY)


def printed(spool: int) -> list[int]:
    """The counters of the events that the runner itself wrote."""
    with os.fdopen(spool) as lines:
        records = [json.loads(line) for line in lines]
    return [record["event"]["counter"] for record in records if "event" in record]


def test_the_supervising_worker_is_killed(installation: Installation) -> None:
    (pk,) = installation.submit({"code": SLOW})
    pid, workspace = installation.process(pk)
    spool = spool_of(workspace)
    installation.until(lambda: len(installation.counters(pk)) > 50)
    installation.kill("jobs")
    stored = len(installation.counters(pk))
    time.sleep(0.5)
    os.kill(pid, 0)  # the job goes on
    assert len(installation.counters(pk)) == stored < LINES
    assert installation.job(pk)["status"] == "running"
    installation.start_worker("jobs")
    job = installation.wait_for(pk, "successful", "failed", "error")
    assert job["status"] == "successful", job
    assert installation.counters(pk) == list(range(1, LINES + 1)) == printed(spool)
    assert job["emitted_events"] == LINES
    installation.until(lambda: not Path(workspace).exists())


def test_the_worker_is_killed_again_and_again_under_ansible(installation: Installation, tmp_path: Path) -> None:
    tasks = "".join(f"  - debug: {{msg: 'step {n}'}}\n  - command: sleep 0.2\n" for n in range(12))
    (tmp_path / "p.yml").write_text(PLAYBOOK.format(tasks=tasks))
    (pk,) = installation.submit({"playbook": str(tmp_path / "p.yml")})
    _pid, workspace = installation.process(pk)
    spool = spool_of(workspace)
    for _round in range(3):
        before = len(installation.counters(pk))
        installation.until(lambda seen=before: len(installation.counters(pk)) > seen)
        installation.kill("jobs")
        installation.start_worker("jobs")
    job = installation.wait_for(pk, "successful", "failed", "error", seconds=90)
    assert job["status"] == "successful", job
    counters = installation.counters(pk)
    assert counters == printed(spool) == list(range(1, len(counters) + 1))


def test_a_job_that_ended_while_no_worker_was_there(installation: Installation) -> None:
    (pk,) = installation.submit({"code": "import time; print('one'); time.sleep(1.5); print('two')"})
    pid, _workspace = installation.process(pk)
    installation.kill("jobs")
    installation.until(lambda: not Path(f"/proc/{pid}").exists())
    installation.start_worker("jobs")
    assert installation.wait_for(pk, "successful", "failed", "error")["status"] == "successful"
    assert installation.counters(pk) == [1, 2]


def test_a_job_that_was_submitted_while_no_worker_was_there(installation: Installation) -> None:
    installation.kill("jobs")
    (pk,) = installation.submit({"code": "print('late')"})
    installation.wait_for(pk, "waiting")
    installation.start_worker("jobs")
    assert installation.wait_for(pk, "successful", "failed", "error")["status"] == "successful"


def test_a_job_that_was_canceled_while_no_worker_was_there(installation: Installation) -> None:
    (pk,) = installation.submit({"code": "import time; print('x'); time.sleep(300)"})
    pid, _workspace = installation.process(pk)
    installation.kill("jobs")
    installation.python(
        f"from apps.unified.models import UnifiedJob; from apps.unified import services\n"
        f"services.cancel(UnifiedJob.objects.get(pk={pk}))"
    )
    installation.start_worker("jobs")
    assert installation.wait_for(pk, "canceled", "error", seconds=30)["status"] == "canceled"
    installation.until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_running_job_is_canceled(installation: Installation) -> None:
    (pk,) = installation.submit({"code": "import time; print('x'); time.sleep(300)"})
    installation.until(lambda: installation.counters(pk))
    installation.python(
        f"from apps.unified.models import UnifiedJob; from apps.unified import services\n"
        f"services.cancel(UnifiedJob.objects.get(pk={pk}))"
    )
    assert installation.wait_for(pk, "canceled", "error", seconds=10)["status"] == "canceled"


def test_the_runner_is_killed(installation: Installation) -> None:
    (pk,) = installation.submit({"code": "import time; print('x'); time.sleep(300)"})
    pid, workspace = installation.process(pk)
    installation.until(lambda: installation.counters(pk))
    os.kill(pid, signal.SIGKILL)
    job = installation.wait_for(pk, "error", "failed", seconds=30)
    assert "killed" in job["job_explanation"]
    assert installation.counters(pk) == [1]
    assert not Path(workspace).exists()


def test_postgresql_is_killed(installation: Installation) -> None:
    jobs = installation.submit({"code": SLOW}, {"code": SLOW}, {"code": SLOW})
    spools = {pk: spool_of(installation.process(pk)[1]) for pk in jobs}
    installation.until(lambda: len(installation.counters(jobs[-1])) > 50)
    installation.kill("postgres")
    time.sleep(1.5)
    installation.start_postgres()
    for pk in jobs:
        job = installation.wait_for(pk, "successful", "failed", "error")
        assert job["status"] == "successful", (job, installation.log("jobs")[-3000:])
        assert installation.counters(pk) == printed(spools[pk]) == list(range(1, LINES + 1))


def test_valkey_is_killed(installation: Installation) -> None:
    jobs = installation.submit({"code": SLOW}, {"code": SLOW})
    spools = {pk: spool_of(installation.process(pk)[1]) for pk in jobs}
    installation.kill("valkey")
    time.sleep(1.0)
    (late,) = installation.submit({"code": "print('submitted while the broker was away')"})
    installation.start_valkey()
    for pk in jobs:
        assert installation.wait_for(pk, "successful", "failed", "error")["status"] == "successful"
        assert installation.counters(pk) == printed(spools[pk]) == list(range(1, LINES + 1))
    assert installation.wait_for(late, "successful", "error", seconds=40)["status"] == "successful"


def test_both_servers_are_killed(installation: Installation) -> None:
    (pk,) = installation.submit({"code": SLOW})
    spool = spool_of(installation.process(pk)[1])
    installation.until(lambda: installation.counters(pk))
    installation.kill("postgres")
    installation.kill("valkey")
    time.sleep(1.0)
    installation.start_valkey()
    installation.start_postgres()
    assert installation.wait_for(pk, "successful", "failed", "error")["status"] == "successful"
    assert installation.counters(pk) == printed(spool) == list(range(1, LINES + 1))
