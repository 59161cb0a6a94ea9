"""What must be true of the machine before anything is started."""

from __future__ import annotations

import os
import shutil
import sys
import time

from .components import address, port_is_free
from .errors import StartError

OLDEST, NEWEST = (3, 11), (3, 13)
LEFT_BEHIND_SECONDS = 3
HIGHEST_PORT = 65535


def check_python() -> None:
    """ansible-core and Django agree on these versions."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = ".".join(map(str, sys.version_info[:2]))
        raise StartError(f"awx_lite needs Python 3.11 to 3.13 and this is {found}: set PYTHON to another one.")


def missing_tools() -> list[str]:
    """System programs that jobs use and that are not installed; git is indispensable."""
    if shutil.which("git") is None:
        raise StartError("git is not installed, and projects come from git: install it (apt-get install git).")
    return [name for name in ("ssh", "ssh-agent") if shutil.which(name) is None]


def listen_address() -> tuple[str, int]:
    """AWX_LITE_BIND and AWX_LITE_PORT."""
    bind = os.environ.get("AWX_LITE_BIND") or "127.0.0.1"
    given = os.environ.get("AWX_LITE_PORT") or "8080"
    if not given.isdecimal() or not 0 < int(given) <= HIGHEST_PORT:
        raise StartError(f"AWX_LITE_PORT must be a port number, not {given!r}.")
    return bind, int(given)


def check_port(bind: str, port: int) -> None:
    """The port is free; one that a dying process still holds gets a moment."""
    deadline = time.monotonic() + LEFT_BEHIND_SECONDS
    while not port_is_free(bind, port):
        if time.monotonic() > deadline:
            raise StartError(f"Port {address(bind, port)} is in use or not allowed: set AWX_LITE_PORT to another one.")
        time.sleep(0.2)
