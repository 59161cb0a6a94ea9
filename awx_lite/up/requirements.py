"""What must be true of the machine before anything is started."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
import time

import psycopg2
import redis

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


def has_home() -> bool:
    """Whether the account's own home directory can be written to, where Ansible keeps its temporary files."""
    home = pwd.getpwuid(os.geteuid()).pw_dir
    return os.path.isdir(home) and os.access(home, os.W_OK)


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


def check_servers(database_url: str | None, redis_url: str | None) -> None:
    """Servers that the environment names can be reached."""
    if database_url:
        try:
            psycopg2.connect(database_url, connect_timeout=10).close()
        except psycopg2.Error as error:
            raise StartError(f"DATABASE_URL: {first_line(error)}.") from None
    if redis_url:
        try:
            redis.Redis.from_url(redis_url, socket_timeout=10).ping()
        except (redis.RedisError, ValueError) as error:
            raise StartError(f"REDIS_URL: {first_line(error)}.") from None


def first_line(error: Exception) -> str:
    """What a library says, as part of a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
