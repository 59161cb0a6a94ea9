"""A PostgreSQL and a Valkey for one test session, in a temporary directory and gone with it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from awx_lite.up.binaries import Account
from awx_lite.up.postgres import Postgres, plain_environment
from awx_lite.up.valkey import Valkey

START_SECONDS = 60


@contextlib.contextmanager
def running(place: Path, *, postgres: bool, valkey: bool) -> Iterator[None]:
    """Run the wanted servers below `place`, and remove everything in the end."""
    place.mkdir(mode=0o755, parents=True)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        if postgres:
            server = Postgres.at(place / "postgres", throw_away=True)
            server.prepare()
            stack.enter_context(_child(server.command(), server.answers, place / "postgres.log", server.account))
            server.create_database()
        if valkey:
            cache = Valkey.at(place / "valkey", throw_away=True)
            stack.enter_context(_child(cache.command(), cache.answers, place / "valkey.log", Account()))
        yield


@contextlib.contextmanager
def _child(argv: list[str], answers: Callable[[], bool], log: Path, account: Account) -> Iterator[None]:
    with log.open("wb") as output:
        child = subprocess.Popen(
            argv, stdout=output, stderr=output, cwd="/", env=plain_environment(), **account.popen()
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{argv[0]} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        child.kill()
        child.wait()
