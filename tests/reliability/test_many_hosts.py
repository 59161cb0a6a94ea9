"""Hosts that are lost: for good, for a while, or behind a cut wire. No job is lost without a word, none runs twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .hosts import GIVEN_UP, Hosts

LINES = 400


@pytest.fixture(scope="module")
def started() -> Iterator[Hosts]:
    """The installation without hosts."""
    with Hosts.running("hosts-") as made:
        yield made


@pytest.fixture
def hosts(started: Hosts) -> Iterator[Hosts]:
    """Three hosts: what a test kills is started again for the next."""
    for name in ("one", "two", "three"):
        if name not in started.children:
            started.start_host(name)
    started.only("one", "two", "three")
    yield started
    for name in ("one", "two", "three"):
        if name in started.children:
            started.signal_host(name, signal.SIGCONT)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Where each run of a job leaves a line."""
    return tmp_path / "runs"


def job(runs: Path, seconds: float, name: str = "job") -> dict[str, str]:
    """A job that says that it runs, prints lines, and says that it ended."""
    pause = seconds / LINES
    return {
        "code": f"import time\nopen({str(runs)!r}, 'a').write('{name} began\\n')\n"
        f"for n in range({LINES}):\n    print('line', n)\n    time.sleep({pause})\n"
        f"open({str(runs)!r}, 'a').write('{name} ended\\n')"
    }


def said(runs: Path) -> list[str]:
    return sorted(runs.read_text().splitlines()) if runs.exists() else []


def test_a_host_that_starts_is_an_instance_with_a_heartbeat_and_a_capacity(hosts: Hosts) -> None:
    columns = "hostname, node_state, capacity > 0, last_seen > now() - interval '10 seconds'"
    found = hosts.query(f"SELECT {columns} FROM instances_instance ORDER BY 1")  # noqa: S608
    assert found == [(name, "ready", True, True) for name in ("one", "three", "two")]
    members = (
        "SELECT count(*) FROM instances_instancegroup_instances m JOIN instances_instance i ON i.id = m.instance_id"
        " WHERE i.hostname = 'two'"
    )
    assert hosts.query(members) == [(2,)]


def test_a_host_that_is_gone_for_good(hosts: Hosts, runs: Path) -> None:
    hosts.only("one")
    (running,) = hosts.submit(job(runs, 300, "running"))
    hosts.until(lambda: hosts.counters(running))
    waiting = hosts.prepared(*(job(runs, 0.1, f"waiting {n}") for n in range(3)))
    hosts.signal_host("one", signal.SIGKILL)
    hosts.only("one")
    for pk in waiting:
        hosts.wait_for(pk, "waiting")
        assert hosts.where(pk) == "one"
    hosts.only("one", "two", "three")
    for pk in waiting:
        assert hosts.wait_for(pk, "successful", "error")["status"] == "successful"
        assert hosts.where(pk) in {"two", "three"}
    assert hosts.state("one") == "unavailable"
    lost = hosts.wait_for(running, "error", "failed", "successful", seconds=GIVEN_UP + 30)
    assert lost["status"] == "error"
    assert "one" in lost["job_explanation"]
    assert "heartbeat" in lost["job_explanation"]
    expected = [f"waiting {n} {word}" for n in range(3) for word in ("began", "ended")]
    assert said(runs) == ["running began", *expected]


def test_a_host_that_comes_back_in_time_goes_on(hosts: Hosts, runs: Path) -> None:
    hosts.only("two")
    (running,) = hosts.submit(job(runs, 12, "running"))
    hosts.until(lambda: hosts.counters(running))
    worker = hosts.children["two"]
    (waiting,) = hosts.prepared(job(runs, 0.1, "waiting"))
    os.killpg(worker.pid, signal.SIGSTOP)  # the job itself runs on
    hosts.only("two")
    hosts.wait_for(waiting, "waiting")
    hosts.only("two", "three")
    assert hosts.wait_for(waiting, "successful", "error")["status"] == "successful"
    assert hosts.where(waiting) == "three"
    assert hosts.state("two") == "unavailable"
    os.killpg(worker.pid, signal.SIGCONT)
    assert hosts.wait_for(running, "successful", "error")["status"] == "successful"
    assert hosts.counters(running) == list(range(1, LINES + 1))
    assert hosts.state("two") == "ready"
    assert said(runs) == ["running began", "running ended", "waiting began", "waiting ended"]


def test_a_host_that_comes_back_too_late_stops_what_was_given_up(hosts: Hosts, runs: Path) -> None:
    hosts.only("two")
    (running,) = hosts.submit(job(runs, 300, "running"))
    hosts.until(lambda: hosts.counters(running))
    pid, workspace = hosts.process(running)
    hosts.signal_host("two", signal.SIGSTOP)
    lost = hosts.wait_for(running, "error", "successful", seconds=GIVEN_UP + 30)
    assert lost["status"] == "error"
    assert Path(workspace).exists()
    hosts.signal_host("two", signal.SIGCONT)
    hosts.until(lambda: not Path(f"/proc/{pid}").exists() and not Path(workspace).exists())
    hosts.until(lambda: hosts.state("two") == "ready")
    assert hosts.job(running) == lost
    (next_one,) = hosts.submit(job(runs, 0.1, "next"))
    assert hosts.wait_for(next_one, "successful", "error")["status"] == "successful"
    assert said(runs) == ["next began", "next ended", "running began"]


def test_a_worker_that_starts_after_its_jobs_were_given_up_stops_them(hosts: Hosts, runs: Path) -> None:
    hosts.only("two")
    (running,) = hosts.submit(job(runs, 300, "running"))
    hosts.until(lambda: hosts.counters(running))
    pid, workspace = hosts.process(running)
    hosts.kill("two")
    assert hosts.wait_for(running, "error", "successful", seconds=GIVEN_UP + 30)["status"] == "error"
    os.kill(pid, 0)  # nobody could stop it
    os.utime(workspace, (0, 0))  # a fresh one may be that of a job which another worker prepares
    hosts.start_host("two")
    hosts.until(lambda: not Path(f"/proc/{pid}").exists(), seconds=90)
    assert said(runs) == ["running began"]


def test_a_host_behind_a_cut_wire(hosts: Hosts, runs: Path) -> None:
    wires = hosts.wires()
    hosts.start_host("far", wires)
    try:
        hosts.only("far")
        short, long = hosts.submit(job(runs, 15, "short"), job(runs, 300, "long"))
        hosts.until(lambda: hosts.counters(short) and hosts.counters(long))
        pid, workspace = hosts.process(long)
        (waiting,) = hosts.prepared(job(runs, 0.1, "waiting"))
        for wire in wires.values():
            wire.cut()
        hosts.only("far")
        hosts.wait_for(waiting, "waiting")
        hosts.only("far", "two", "three")
        assert hosts.wait_for(waiting, "successful", "error")["status"] == "successful"
        assert hosts.wait_for(long, "error", "successful", seconds=GIVEN_UP + 30)["status"] == "error"
        assert hosts.wait_for(short, "error", "successful")["status"] == "error"  # it ended, but nobody can know
        os.kill(pid, 0)
        for wire in wires.values():
            wire.mend()
        hosts.until(lambda: not Path(f"/proc/{pid}").exists() and not Path(workspace).exists(), seconds=60)
        hosts.until(lambda: hosts.state("far") == "ready")
        hosts.only("far")
        (after,) = hosts.submit(job(runs, 0.1, "after"))
        assert hosts.wait_for(after, "successful", "error", seconds=60)["status"] == "successful"
        assert said(runs) == [
            "after began", "after ended", "long began", "short began", "short ended", "waiting began", "waiting ended",
        ]  # fmt: skip
    finally:
        hosts.signal_host("far", signal.SIGKILL)
        for wire in wires.values():
            wire.close()


def test_a_pause_of_the_whole_installation_loses_no_host(hosts: Hosts, runs: Path) -> None:
    hosts.only("two")
    (running,) = hosts.submit(job(runs, 30, "running"))
    hosts.until(lambda: hosts.counters(running))
    stopped = [hosts.children[name] for name in ("control", "beat", "one", "two", "three")]
    for child in stopped:
        os.killpg(child.pid, signal.SIGSTOP)
    hosts.query("UPDATE instances_instance SET last_seen = last_seen - interval '1 hour' RETURNING id")
    time.sleep(6)
    for child in stopped:
        os.killpg(child.pid, signal.SIGCONT)
    assert hosts.wait_for(running, "successful", "error", seconds=90)["status"] == "successful"
    assert said(runs) == ["running began", "running ended"]
