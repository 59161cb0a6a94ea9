"""Runs the launcher as a person would: a process of its own, a data directory of its own, a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CLUSTER_HOST_ID", "DJANGO_SETTINGS_MODULE", "AWX_LITE_HOME")
START_SECONDS = 120


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launcher:
    """`python -m awx_lite.up` with one data directory and one port."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.port = free_port()
        plain = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment = plain | {"AWX_LITE_HOME": str(home), "AWX_LITE_PORT": str(self.port)} | variables
        self.process: subprocess.Popen[str] | None = None
        self.printed = ""

    def run(self, command: str = "up", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "awx_lite.up", *command.split()],
            cwd=CHECKOUT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        argv = [sys.executable, "manage.py", *arguments]
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "settings.prod"}
        done = subprocess.run(argv, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def start(self) -> str:
        """Start it, wait for the line to try, and return what it printed so far."""
        output = self.home.with_suffix(".out")
        with output.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "awx_lite.up", "up"],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=stream,
                stderr=stream,
            )
        deadline = time.monotonic() + START_SECONDS
        while "curl" not in output.read_text():
            assert self.process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
        return output.read_text()

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def children(self) -> dict[str, int]:
        """Name and pid of what runs, as `status` says."""
        lines = self.run("status").stdout.splitlines()[1:]
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def ping(self) -> int:
        """The status code of /api/v2/ping/."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/ping/", timeout=10) as answer:
            return int(answer.status)


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until the callable returns something true; errors of a server that restarts are not yet an answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except OSError as error:
            last: object = error
        else:
            last = "no"
        assert time.monotonic() < deadline, last
        time.sleep(0.2)
