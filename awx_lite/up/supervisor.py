"""Starts the children in order, restarts what dies, stops them in reverse order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from .binaries import Account
from .errors import StartError
from .logs import last_line, rotate

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60
ROTATE_SECONDS = 30
KILLED_SECONDS = 10


@dataclass
class Component:
    """One child process: how to run it, to know that it is up, and to end it."""

    name: str
    argv: list[str]
    environment: dict[str, str]
    directory: Path
    log: Path
    account: Account = field(default_factory=Account)
    answers: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0  # seconds from the stop signal to SIGKILL
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0

    def start(self) -> None:
        """Start it, in a session of its own so that Ctrl-C reaches the launcher alone."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=self.directory,
                env=self.environment,
                start_new_session=True,
                **self.account.popen(),
            )
        finally:
            os.close(descriptor)
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> float:
        """After a death: how long to wait, doubled with each death in a row."""
        if time.monotonic() - self.started > HEALTHY_SECONDS:
            self.failures = 0
        pause = min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.next_start = time.monotonic() + pause
        self.process = None
        return pause


class Supervisor:
    """The children of one installation."""

    def __init__(self, register: Path, logs: Path, say: Callable[[str], None]) -> None:
        self.register = register  # names the children, for a launcher that comes after one that was killed
        self.logs = logs
        self.say = say
        self.components: list[Component] = []
        self._rotated = time.monotonic()

    def start(self, component: Component) -> None:
        """Start one child and remember it."""
        self.components.append(component)
        component.start()
        self._write_register()

    def wait_for(self, component: Component, seconds: float) -> None:
        """Wait until it answers; a child that dies before has the last line of its log quoted."""
        deadline = time.monotonic() + seconds
        while component.answers is not None and not component.answers():
            if not component.alive():
                raise StartError(f"{component.name} does not start: {last_line(component.log)} (see {component.log})")
            if time.monotonic() > deadline:
                raise StartError(f"{component.name} does not answer after {seconds:.0f} seconds: see {component.log}.")
            time.sleep(0.05)

    def tend(self) -> None:
        """One look at all children: restart the dead ones when their pause is over."""
        now = time.monotonic()
        for component in self.components:
            if component.process is not None and not component.alive():
                code = component.process.returncode
                pause = component.plan_restart()
                self.say(f"{component.name} ended ({ending(code)}) and is started again in {pause:.1f} s")
            elif component.process is None and now >= component.next_start:
                self._start_again(component)
        if now - self._rotated > ROTATE_SECONDS:
            self._rotated = now
            try:
                rotate(self.logs)
            except OSError as error:
                self.say(f"the logs cannot be rotated now: {error}")

    def _start_again(self, component: Component) -> None:
        """A full disk (or table of processes) costs one child a pause, not the others their lives."""
        try:
            component.start()
            self._write_register()
        except OSError as error:
            if component.process is None:
                pause = component.plan_restart()
                self.say(f"{component.name} cannot be started ({error}), the next attempt is in {pause:.1f} s")
            else:
                self.say(f"{component.name} runs, which {self.register} does not say: {error}")

    def stop(self) -> None:
        """Stop in reverse order of start, each in its own way."""
        if not self.components:
            return
        for component in reversed(self.components):
            if component.process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    end(psutil.Process(component.process.pid), component.stop_signal, component.grace)
                component.process.wait()
        self.components.clear()
        self.register.unlink(missing_ok=True)

    def _write_register(self) -> None:
        rows = []
        for component in self.components:
            if component.process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    created = psutil.Process(component.process.pid).create_time()
                    signal_number = int(component.stop_signal)
                    rows.append([component.name, component.process.pid, created, signal_number, component.grace])
        partial = self.register.with_suffix(".new")
        partial.write_text(json.dumps(rows), encoding="ascii")
        partial.rename(self.register)


def survivors(register: Path) -> list[tuple[str, psutil.Process, int, float]]:
    """Children of a launcher that still run: (name, process, stop signal, grace); a reused pid is not one."""
    try:
        rows: list[list[Any]] = json.loads(register.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return []
    found = []
    for name, pid, created, number, grace in rows:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 1 and process.status() != psutil.STATUS_ZOMBIE:
                found.append((name, process, number, grace))
    return found


def stop_survivors(register: Path) -> Iterable[str]:
    """End what a killed launcher left behind, and name it."""
    names = []
    for name, process, number, grace in reversed(survivors(register)):
        end(process, signal.Signals(number), grace)
        names.append(name)
    return names


def end(process: psutil.Process, first: signal.Signals, grace: float) -> None:
    """Ask a process to stop, and kill it and its own children when it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        group = [child for child in process.children(recursive=True) if same_session(child, process.pid)]
        process.send_signal(first)
        if not gone(process, grace):
            for each in (process, *group):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            gone(process, KILLED_SECONDS)


def gone(process: psutil.Process, seconds: float) -> bool:
    """Wait for a process to end; one that nobody has collected yet counts as ended."""
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def same_session(child: psutil.Process, leader: int) -> bool:
    """Whether a process belongs to its leader; the detached processes of running jobs do not, and go on."""
    try:
        return os.getsid(child.pid) == leader
    except ProcessLookupError:
        return False


def stop_runs(directory: Path) -> int:
    """End the detached processes of jobs that work below this directory; how many there were."""
    found = [process for process in psutil.process_iter(["environ"]) if works_below(process, directory)]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return len(found)


def works_below(process: psutil.Process, directory: Path) -> bool:
    """Whether a process belongs to a job: its environment says so (apps.unified.runner.environment)."""
    workspace = (process.info["environ"] or {}).get("AWX_LITE_WORKSPACE", "")
    return bool(workspace) and Path(workspace).is_relative_to(directory)


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
