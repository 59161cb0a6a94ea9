"""`init` and `run NAME`: the processes as containers and systemd start them, apart, over servers that run elsewhere."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import requests
from django.conf import settings

from tests.boot.launcher import CHECKOUT, Launcher, eventually

PASSWORD = "Single-pw-1"


@pytest.fixture
def apart(backends: None) -> Iterator[Launcher]:
    """A prepared installation in a database of its own, and a place for its processes."""
    url = database_url()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE single")
    with tempfile.TemporaryDirectory(prefix="awx-lite-1-") as directory:
        launcher = Launcher(
            Path(directory, "home"),
            DATABASE_URL=f"{url.removesuffix('/awx')}/single",
            REDIS_URL=f"{settings.REDIS_URL}?db=5",
            AWX_LITE_ADMIN_PASSWORD=PASSWORD,
            CLUSTER_HOST_ID="apart",
        )
        yield launcher
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE single WITH (FORCE)")
    connection.close()


def database_url() -> str:
    """The URL of this session's PostgreSQL, as libpq reads it."""
    import os

    return os.environ["DATABASE_URL"]


@pytest.mark.slow
def test_processes_started_apart_run_a_job(apart: Launcher) -> None:
    prepared = apart.run("init")
    assert prepared.returncode == 0, prepared.stderr
    started = [
        subprocess.Popen([sys.executable, "-m", "awx_lite.up", "run", name], cwd=CHECKOUT, env=apart.environment)
        for name in ("web", "live", "control", "jobs", "beat")
    ]
    session = requests.Session()
    session.auth = ("admin", PASSWORD)
    api = f"http://127.0.0.1:{apart.port}/api/v2"
    try:
        eventually(lambda: apart.ping() == 200, 60)
        launched = f"{api}/job_templates/Demo Job Template++Default/launch/"
        job = session.post(launched, json={}, timeout=30).json()["id"]
        eventually(lambda: session.get(f"{api}/jobs/{job}/", timeout=30).json()["status"] == "successful", 90)
        assert session.get(f"{api}/jobs/{job}/", timeout=30).json()["execution_node"] == "apart"
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(60) for process in started]
    assert codes == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("command", "variables", "sentence"),
    [
        ("run web", {}, "set DATABASE_URL and REDIS_URL"),
        (
            "run nothing",
            {"DATABASE_URL": "postgres://a@b/c", "REDIS_URL": "redis://b"},
            "There is no process 'nothing'",
        ),
    ],
)
def test_what_cannot_be_started_is_one_sentence(
    tmp_path: Path, command: str, variables: dict[str, str], sentence: str
) -> None:
    done = Launcher(tmp_path / "home").run(command, **variables)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
