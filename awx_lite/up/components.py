"""What an installation consists of: two servers, the web, two workers and the clock."""

from __future__ import annotations

import base64
import http.client
import os
import signal
import socket
import sys
from pathlib import Path

from .binaries import Account
from .place import CHECKOUT, Place
from .postgres import SOCKET_LIMIT, Postgres, own_directory, plain_environment, socket_directory
from .supervisor import Component
from .valkey import Valkey

WEB_WORKERS = "2"
WEB_THREADS = "4"
CONTROL_PROCESSES = "2"
# A job is watched by one thread for all of them; these start jobs, which takes a moment each.
JOB_THREADS = "20"
STOP_JOBS_SECONDS = 5.0


def postgres_component(server: Postgres, place: Place) -> Component:
    """The database server; SIGINT is its fast shutdown, which waits for no client."""
    return Component(
        "PostgreSQL",
        server.command(),
        plain_environment(),
        Path("/"),
        place.log("postgres"),
        account=server.account,
        answers=server.answers,
        stop_signal=signal.SIGINT,
        grace=60.0,
    )


def valkey_component(server: Valkey, place: Place) -> Component:
    """The broker and cache."""
    return Component(
        "Valkey",
        server.command(),
        plain_environment(),
        server.place,
        place.log("valkey"),
        account=Account(),
        answers=server.answers,
        grace=30.0,
    )


def web_component(environment: dict[str, str], place: Place, bind: str, port: int) -> Component:
    """gunicorn: two processes of four threads."""
    argv = [sys.executable, "-m", "gunicorn", "--config", "python:awx_lite.gunicorn", "--bind", address(bind, port)]
    argv += ["--workers", os.environ.get("AWX_LITE_WEB_WORKERS", WEB_WORKERS), "--threads", WEB_THREADS]
    argv += ["awx_lite.wsgi:application"]
    return Component(
        "web", argv, environment, CHECKOUT, place.log("web"), answers=lambda: serves(bind, port), grace=15.0
    )


def live_socket(place: Place) -> Path:
    """Where the web hands connections over; elsewhere than in the data directory where that path is too long."""
    path = place.home / "run" / "live.sock"
    if len(str(path).encode()) <= SOCKET_LIMIT:
        return path
    sockets = socket_directory(place.home)
    own_directory(sockets, Account(), 0o700)
    return sockets / "live.sock"


def live_component(environment: dict[str, str], place: Place) -> Component:
    """The process that serves connections which stay open."""
    environment = {"DATABASE_CONN_MAX_AGE": "60", **environment}
    argv = [sys.executable, "manage.py", "live"]
    return Component("live", argv, environment, CHECKOUT, place.log("live"), grace=5.0)


def celery_components(environment: dict[str, str], place: Place, node: str = "") -> list[Component]:
    """The worker of the control queue, the worker that supervises jobs, and beat.

    `node` is the name of the control worker, where an instance has several of them.
    """
    host = environment["CLUSTER_HOST_ID"]
    # A thread of a worker is idle for long: its connection need not stay. Processes are renewed, so that no leak grows.
    environment = {"DATABASE_CONN_MAX_AGE": "60", **environment}
    quiet = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    control = [
        "worker",
        "-n",
        f"control@{node or host}",
        "-Q",
        "control",
        "-P",
        "prefork",
        "-c",
        CONTROL_PROCESSES,
        *quiet,
    ]
    control += ["--max-tasks-per-child", "2000"]
    jobs = ["worker", "-n", f"jobs@{host}", "-Q", f"jobs.{host}", "-P", "threads", "-c", JOB_THREADS, *quiet]
    beat = ["beat", "--loglevel", "INFO", "-s", str(place.home / "run" / "beat"), "--pidfile="]

    def component(name: str, arguments: list[str], grace: float) -> Component:
        argv = [sys.executable, "-m", "celery", "-A", "awx_lite", *arguments]
        return Component(name, argv, environment, CHECKOUT, place.log(name), grace=grace)

    # The jobs worker is not waited for: its jobs are processes of their own, which the next worker takes up again.
    return [
        component("control", control, 15.0),
        component("jobs", jobs, STOP_JOBS_SECONDS),
        component("beat", beat, 5.0),
    ]


def address(bind: str, port: int) -> str:
    """host:port, with brackets where the host is an IPv6 address."""
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


def reachable_host(bind: str) -> str:
    """The host under which this machine itself reaches the bound address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104


def serves(bind: str, port: int) -> bool:
    """Whether the API answers."""
    return bool(fetched(bind, port, "/api/v2/ping/", {}))


def logs_in(bind: str, port: int, user: str, password: str) -> bool:
    """Whether this is a valid account."""
    return bool(fetched(bind, port, "/api/v2/me/", basic(user, password)))


def basic(user: str, password: str) -> dict[str, str]:
    """The header of an account."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def fetched(bind: str, port: int, path: str, headers: dict[str, str]) -> bytes:
    """The body of a GET of this path; nothing where it does not succeed."""
    connection = http.client.HTTPConnection(reachable_host(bind), port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.read() if answer.status == http.HTTPStatus.OK else b""
    except (OSError, http.client.HTTPException):
        return b""
    finally:
        connection.close()


def port_is_free(bind: str, port: int) -> bool:
    """Whether the web server can listen there."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return False
    return True
