"""The process of a job: started apart from this one, found again, stopped to the last of its children."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from . import environment, nursery
from .kinds import AnsibleCommand, Command
from .workspace import Workspace

START_FIELD = 19  # of /proc/<pid>/stat, counted behind the name: starttime
_started: dict[int, subprocess.Popen[bytes]] = {}  # our own children are to be reaped


@dataclasses.dataclass(frozen=True)
class Process:
    """A process id and the moment it started: the id alone may belong to another process by now."""

    pid: int
    started: float

    def alive(self) -> bool:
        """Whether that very process still runs."""
        child = _started.get(self.pid)
        if child is not None and child.poll() is not None:
            _started.pop(self.pid, None)
            return False
        try:
            zombie = psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        return not zombie and started_at(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Signal the process; one that is gone needs none."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


class NotStartedError(Exception):
    """The process did not start, and in this workspace none will any more."""


def start(command: Command, workspace: Workspace) -> Process:
    """Start the process that runs a job, in a session of its own: it does not end with this one."""
    kind = "ansible" if isinstance(command, AnsibleCommand) else "script"
    spec = {"kind": kind, **dataclasses.asdict(command)}
    if spec.get("stdin"):
        workspace.write("stdin", spec["stdin"])
        spec["stdin"] = "stdin"
    env = environment.base(workspace)
    if spec.get("fact_cache"):
        spec["envvars"] = {
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": spec["fact_cache"],
            **spec["envvars"],
        }
    workspace.write("spec.json", json.dumps(spec))
    workspace.write("last_words", b" " * 4096)  # has its blocks before the disk is full
    try:
        pid = nursery.bear(str(workspace.path), env)
    except nursery.DoubtError as error:
        found = claimed(workspace)
        if found is None:
            raise NotStartedError from error
        return found
    pid = pid or spawn(workspace, env)
    return Process(pid, started_at(pid))


def spawn(workspace: Workspace, env: dict[str, str]) -> int:
    """A process from the interpreter's start on, in a session of its own."""
    console = os.open(workspace.path / "console", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        child = subprocess.Popen(
            [sys.executable, "-I", str(nursery.CHILD), str(workspace.path)],
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            close_fds=True,
        )
    finally:
        os.close(console)
    _started[child.pid] = child
    return child.pid


def reap() -> None:
    """Collect the exit status of ended children, so that none stays a zombie."""
    for pid, child in list(_started.items()):
        if child.poll() is not None:
            _started.pop(pid, None)


def started_at(pid: int) -> float:
    """When a process started, in clock ticks since the machine did; 0.0 where it is gone.

    These stay what they are when somebody sets the clock; a time of day that is reckoned from them does not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    return float(stat.rpartition(")")[2].split()[START_FIELD])


def claimed(workspace: Workspace) -> Process | None:
    """The process that took the workspace; None where none has, and from now on none can."""
    path = workspace.path / "started"
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        text = path.read_text().strip()
        return Process(int(text), started_at(int(text))) if text else Process(0, 0.0)
    except FileNotFoundError:
        return None
    return None


def kill_all(workspace: Workspace) -> int:
    """Kill every process that carries the workspace's mark; how many there were."""
    mark, killed = f"{environment.MARK}={workspace.path}".encode(), 0
    for pid in psutil.pids():
        try:
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        except OSError:
            continue  # gone meanwhile, or not ours
    return killed


def why_gone(workspace: Workspace) -> str:
    """What a process that left no result could still say."""
    try:
        words = (workspace.path / "last_words").read_text(errors="replace").strip()
        console = (workspace.path / "console").read_text(errors="replace").strip()
    except OSError:
        words = console = ""
    if words:
        return words
    last = f" Its last words: {console[-500:]}" if console else ""
    return f"The process that ran the job was killed or crashed, and left no result.{last}"
