"""The process of live output: takes connections from the web server and serves each in a task of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import streams, websocket
from .connection import Asked, Connection, EndedError
from .hub import Hub

log = logging.getLogger(__name__)
MAX_DATAGRAM = 64 * 1024
THREADS = 4  # that read the database, each with a connection
MAX_ALL, MAX_EACH = 5000, 200  # connections, of everybody and of one user
FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
SERVED = {
    "text": streams.text,
    "lines": streams.lines,
    "job": streams.job_events,
    "statuses": streams.statuses,
    "websocket": websocket.serve,
}


class Server:
    """Listens on the unix socket through which connections come."""

    def __init__(self, path: Path, redis_url: str) -> None:
        self.path, self.hub = path, Hub(redis_url)
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="rows")
        self.tasks: set[asyncio.Task[None]] = set()
        self.of_user: Counter[int] = Counter()

    async def run(self) -> None:
        """Serve until canceled."""
        allow_many_files()
        with listening(self.path) as door:
            asyncio.get_running_loop().add_reader(door, self.take, door)
            log.info("live output takes connections at %s", self.path)
            try:
                await self.hub.run()
            finally:
                asyncio.get_running_loop().remove_reader(door)
                for task in self.tasks:
                    task.cancel()
                await asyncio.gather(*self.tasks, return_exceptions=True)
                self.pool.shutdown(wait=False, cancel_futures=True)

    def take(self, door: socket.socket) -> None:
        """One connection from the web server."""
        try:
            message, files, _flags, _address = socket.recv_fds(door, MAX_DATAGRAM, 1)
        except BlockingIOError:
            return
        if not files:
            return
        taken = socket.socket(fileno=files[0])
        try:
            asked = Asked.of(message)
        except (ValueError, TypeError, KeyError):
            log.exception("a connection came without what belongs to it")
            taken.close()
            return
        if len(self.tasks) >= MAX_ALL or self.of_user[asked.user] >= MAX_EACH:
            refuse(taken)
            return
        self.of_user[asked.user] += 1
        task = asyncio.ensure_future(self.serve(asked, taken))
        self.tasks.add(task)
        task.add_done_callback(lambda done: self.done(done, asked.user))

    def done(self, task: asyncio.Task[None], user: int) -> None:
        """A connection has ended."""
        self.tasks.discard(task)
        self.of_user[user] -= 1
        if not self.of_user[user]:
            del self.of_user[user]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a live connection failed", exc_info=error)

    async def serve(self, asked: Asked, taken: socket.socket) -> None:
        """Serve a connection until it is done, the client leaves, or its rights end."""
        connection = await Connection.open(asked, taken, self.hub, self.pool)
        watch = connection.watched(asked.details.get("resource", ""), asked.details.get("job", 0))
        works: list[Any] = [SERVED[asked.kind](connection), watch]
        if asked.kind != "websocket":  # which reads by itself
            works.append(connection.gone())
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            whole = tasks[0].done()
            if whole:
                with contextlib.suppress(EndedError, OSError):
                    tasks[0].result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if whole:
            await connection.close()
        else:
            connection.abort()


@contextlib.contextmanager
def listening(path: Path) -> Any:
    """The unix socket, for our account alone; one that a killed process left behind is replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        door.bind(str(path))
    finally:
        os.umask(before)
    door.settimeout(0)
    try:
        yield door
    finally:
        door.close()
        path.unlink(missing_ok=True)


def refuse(taken: socket.socket) -> None:
    """Too many connections: say so, as far as the client listens."""
    with contextlib.suppress(OSError), taken:
        taken.settimeout(0)
        taken.send(FULL)


def allow_many_files() -> None:
    """A connection is a file: take as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_ALL * 2 if hard == resource.RLIM_INFINITY else min(MAX_ALL * 2, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
