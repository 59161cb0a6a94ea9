"""A really started server: what `make up` runs, on a free port, with a home of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parent.parent
PASSWORD = "Clients-pw-1"
START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """Where the server is, and how to get in."""

    url: str
    home: Path
    user: str = "admin"
    password: str = PASSWORD

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """A request as the administrator."""
        timeout: Any = kwargs.pop("timeout", 30)
        return requests.request(method, self.url + path, auth=(self.user, self.password), timeout=timeout, **kwargs)

    def wait_for(self, path: str, key: str, values: set[object], seconds: float = 60) -> dict[str, object]:
        """Poll a detail until a key has one of the values."""
        deadline = time.monotonic() + seconds
        while True:
            body = self.call("GET", path).json()
            if body[key] in values:
                return body
            assert time.monotonic() < deadline, f"{path}: {key} is {body[key]!r}: {body.get('job_explanation')}"
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server, for all tests of clients."""
    with started() as server:
        yield server


@contextlib.contextmanager
def started() -> Iterator[Server]:
    """A server of one's own, for those who look at all that there is."""
    place, port = Path(tempfile.mkdtemp(prefix="awxl-")), free_port()
    place.chmod(0o755)
    home = place / "home"
    environment = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")
    }
    environment |= {"AWX_LITE_HOME": str(home), "AWX_LITE_PORT": str(port), "AWX_LITE_ADMIN_PASSWORD": PASSWORD}
    environment |= {"CLUSTER_HOST_ID": "clients", "LIVE_CHECK_SECONDS": "2"}
    log = place / "up.log"
    with log.open("wb") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "awx_lite.up"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while "admin" not in log.read_text(errors="replace") or not answers(url):
            assert up.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.2)
        yield Server(url, home)
    finally:
        up.send_signal(signal.SIGINT)
        try:
            up.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(up.pid, signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)


def answers(url: str) -> bool:
    """Whether the API is served."""
    try:
        return requests.get(f"{url}/api/v2/ping/", timeout=2).status_code == 200
    except requests.RequestException:
        return False
