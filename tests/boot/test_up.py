"""`make up`: it serves, it heals, it stops, and its data stays."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.launcher import CHECKOUT, Launcher, eventually

pytestmark = pytest.mark.slow
PROCESSES = {"PostgreSQL", "Valkey", "web", "live", "control", "jobs", "beat"}


@pytest.fixture(scope="module")
def running() -> Iterator[Launcher]:
    """One installation for all tests of this file; its path is short, as unix sockets ask for."""
    with tempfile.TemporaryDirectory(prefix="awx-lite-up-") as directory:
        Path(directory).chmod(0o711)
        launcher = Launcher(Path(directory, "home"))
        launcher.printed = launcher.start()
        yield launcher
        launcher.run("down")
        launcher.run("clean")


def test_it_serves_the_api_and_says_where(running: Launcher) -> None:
    assert running.ping() == 200
    assert f"http://127.0.0.1:{running.port}/api/v2/" in running.printed
    assert (running.home / "admin_password").read_text().strip() in running.printed


def test_the_line_that_is_printed_launches_a_job_at_once(running: Launcher) -> None:
    line = next(line for line in running.printed.splitlines() if line.startswith("  curl -u "))
    done = subprocess.run([*shlex.split(line), "-sS", "-w", "%{http_code}"], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("201"), done.stdout


def test_all_processes_run(running: Launcher) -> None:
    assert set(running.children()) == PROCESSES


@pytest.mark.parametrize("name", ["admin_password", "secret_key", "environment"])
def test_secrets_are_readable_by_their_owner_alone(running: Launcher, name: str) -> None:
    assert stat.S_IMODE((running.home / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["log", "run", "runs", "projects", "checkouts", "valkey"])
def test_data_is_private(running: Launcher, name: str) -> None:
    assert stat.S_IMODE((running.home / name).stat().st_mode) == 0o700


def test_a_second_up_is_one_sentence(running: Launcher) -> None:
    second = running.run("up")
    assert second.returncode == 1
    assert second.stderr.startswith("awx_lite: awx_lite already runs")
    assert second.stderr.count("\n") == 1
    assert running.ping() == 200


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_a_killed_process_is_started_again(running: Launcher, name: str) -> None:
    before = running.children()[name]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: running.children().get(name, before) != before)
    eventually(lambda: running.ping() == 200)


def test_manage_py_finds_the_running_servers(running: Launcher) -> None:
    argv = [sys.executable, "manage.py", "migrate", "--check"]
    done = subprocess.run(argv, cwd=CHECKOUT, env=running.environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ctrl_c_stops_everything_and_the_next_start_has_the_same_data(running: Launcher) -> None:
    password = (running.home / "admin_password").read_text()
    assert running.interrupt() == 0
    assert running.children() == {}
    running.printed = running.start()
    assert (running.home / "admin_password").read_text() == password
    assert "making the data directory" not in running.printed


def test_what_a_killed_launcher_left_behind_is_stopped_by_down(running: Launcher) -> None:
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    assert set(running.children()) == PROCESSES
    assert running.run("down").returncode == 0
    assert running.children() == {}
    running.start()
    assert running.run("down").stdout == "Stopped.\n"


def test_clean_removes_the_data(running: Launcher) -> None:
    assert running.run("clean").returncode == 0
    assert not running.home.exists()
