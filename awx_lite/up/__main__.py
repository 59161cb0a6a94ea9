"""`python -m awx_lite.up COMMAND [ARGUMENT]`: every failure is one sentence and exit code 1."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from .backup import backup, restore
from .errors import StartError
from .installation import Installation
from .lock import Lock
from .place import Place
from .single import run
from .supervisor import stop_runs, stop_survivors, survivors

DOWN_SECONDS = 150


def up() -> None:
    """Start, print where it is, and stay until Ctrl-C or `down`."""
    installation = Installation()
    # A shell starts background jobs with SIGINT ignored, and it must stop these too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        installation.start()
        installation.greet()
        installation.watch()
    except KeyboardInterrupt:
        print()
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        installation.stop()


def init() -> None:
    """For containers: prepare the data directory and the database of DATABASE_URL, start nothing."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        raise StartError(f"`init` prepares servers that run elsewhere: set {' and '.join(missing)}.")
    installation = Installation()
    try:
        installation.prepare()
    finally:
        installation.stop()
    print(f"The password of admin is in {installation.place.home / 'admin_password'}.")


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C, SIGTERM and a closed terminal all end it."""
    raise KeyboardInterrupt


def down() -> None:
    """Stop the running installation and wait until it has stopped."""
    place = Place.of_environment()
    register = place.home / "run" / "children.json"
    lock = Lock(place.home)
    holder = lock.holder()
    if holder is None:
        left = list(stop_survivors(register))
        print(f"Stopped {', '.join(left)}." if left else "awx_lite does not run.")
        return
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while lock.holder() is not None:
        if time.monotonic() > deadline:
            raise StartError(f"Process {holder} does not stop: see {place.home / 'log'}.")
        time.sleep(0.1)
    print("Stopped.")


def clean() -> None:
    """Stop it and delete all its data."""
    place = Place.of_environment()
    if not place.home.exists():
        print(f"Nothing to remove: {place.home} does not exist.")
        return
    if not place.exists():
        raise StartError(f"{place.home} is not a data directory of awx_lite, so nothing is removed.")
    down()
    if ended := stop_runs(place.home / "runs"):
        print(f"Ended {ended} processes of running jobs.")
    place.remove()
    print(f"Removed {place.home}.")


def status() -> None:
    """Say what runs."""
    place = Place.of_environment()
    holder = Lock(place.home).holder()
    print(f"awx_lite runs (process {holder})." if holder else "awx_lite does not run.")
    for name, process, _signal, _grace in survivors(place.home / "run" / "children.json"):
        print(f"  {name:<12}{process.pid}")
    if not holder:
        raise SystemExit(1)


COMMANDS = {"up": up, "init": init, "down": down, "clean": clean, "status": status}
WITH_ARGUMENT = {"backup": backup, "restore": restore, "run": run}


def main(arguments: list[str]) -> int:
    """Run one command."""
    name = arguments[0] if arguments else "up"
    known: dict[str, Callable[..., None]] = WITH_ARGUMENT if name in WITH_ARGUMENT else COMMANDS
    rest = arguments[1:]
    if name not in known or len(rest) != (known is WITH_ARGUMENT):
        others = "backup FILE | restore FILE | run PROCESS"
        print(f"usage: python -m awx_lite.up [{' | '.join(COMMANDS)} | {others}]", file=sys.stderr)
        return 2
    try:
        known[name](*rest)
    except StartError as error:
        print(f"awx_lite: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"awx_lite: {sentence(error)}", file=sys.stderr)
        return 1
    return 0


def sentence(error: OSError) -> str:
    """What the operating system refused, and what to do."""
    where = f" ({error.filename})" if error.filename else ""
    advice = {
        errno.ENOSPC: "The disk is full: make room or set AWX_LITE_HOME to another disk.",
        errno.EDQUOT: "The disk quota is used up: make room or set AWX_LITE_HOME to another disk.",
        errno.EROFS: "The file system is read-only: set AWX_LITE_HOME to another place.",
        errno.EACCES: "No permission: change the owner of the data directory or set AWX_LITE_HOME.",
        errno.EPERM: "Not permitted: change the owner of the data directory or set AWX_LITE_HOME.",
    }
    return advice.get(error.errno or 0, f"The system refused: {error.strerror or error}.") + where


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
