"""The nursery: one small process, forked from for every job, which saves the imports of each (a tenth of a second).

It belongs to this worker and ends with it; the jobs do not. Where there is none, or it broke, jobs start without it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("child.py")
ANSWER_SECONDS = 10.0


class DoubtError(Exception):
    """The nursery broke after it was asked: whether it has started the process is not known."""


class Nursery:
    """The process and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        env = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(CHILD), "--nursery"],
                stdin=theirs.fileno(),
                env=env,
                cwd="/",
                start_new_session=True,
            )
        ours.settimeout(ANSWER_SECONDS)
        self.socket, self.stream = ours, ours.makefile("rwb")

    def bear(self, workspace: str, env: dict[str, str]) -> int:
        """Start the process of a job; its id."""
        self.stream.write(json.dumps({"workspace": workspace, "env": env}).encode() + b"\n")
        self.stream.flush()
        answer = self.stream.readline()
        if not answer.strip():
            raise ConnectionError("The nursery ended.")
        return int(answer)

    def close(self) -> None:
        """Let it end."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


_lock = threading.Lock()
_own: list[Nursery] = []


def open_up() -> None:
    """Start the nursery of this process; the supervisor does so before the first job comes."""
    with _lock:
        if not _own:
            _own.append(Nursery())


def bear(workspace: str, env: dict[str, str]) -> int | None:
    """Start the process of a job, or None where there is no nursery; DoubtError where it broke meanwhile."""
    with _lock:
        if not _own:
            return None
        try:
            return _own[0].bear(workspace, env)
        except (OSError, ValueError) as error:
            log.warning("The nursery broke and is replaced: %s", error)
            _own.pop().close()
            _own.append(Nursery())
            raise DoubtError from error
