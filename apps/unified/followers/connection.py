"""One open connection: what every kind of follower needs of it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from . import rows
from .hub import Hub

SEND_SECONDS = 30.0  # a client that takes nothing for so long is left
BUFFER = 256 * 1024  # bytes that may wait for a slow client before its follower waits too
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass(frozen=True)
class Asked:
    """What the web server passed on with the socket."""

    kind: str
    user: int
    login: dict[str, Any]
    headers: dict[str, str]
    path: str
    details: dict[str, Any]

    @classmethod
    def of(cls, message: bytes) -> Asked:
        """From the datagram; it comes from our own web server."""
        data = json.loads(message)
        own = {name: data.pop(name) for name in ("kind", "user", "login", "headers", "path")}
        return cls(**own, details=data)


class EndedError(Exception):
    """The other side is gone, or may not follow any more."""


class Connection:
    """Writes with patience, reads the database in the pool, and notices when the other side leaves."""

    def __init__(
        self,
        asked: Asked,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hub: Hub,
        pool: ThreadPoolExecutor,
    ) -> None:
        self.asked, self.reader, self.writer, self.hub, self.pool = asked, reader, writer, hub, pool
        writer.transport.set_write_buffer_limits(high=BUFFER)

    @classmethod
    async def open(cls, asked: Asked, taken: socket.socket, hub: Hub, pool: ThreadPoolExecutor) -> Connection:
        """Take over a connected socket."""
        taken.settimeout(0)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        reader, writer = await asyncio.open_connection(sock=taken, limit=BUFFER)
        return cls(asked, reader, writer, hub, pool)

    async def db(self, function: Any, *args: Any) -> Any:
        """Run a reading function in the pool."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, function, *args)

    async def send(self, data: bytes) -> None:
        """Write, and wait until there is room again."""
        self.writer.write(data)
        try:
            await asyncio.wait_for(self.writer.drain(), SEND_SECONDS)
        except (TimeoutError, OSError) as error:
            raise EndedError("the other side takes nothing") from error

    async def begin(self, kind: str) -> None:
        """The head of an HTTP answer in chunks."""
        await self.send(HEAD.format(kind=kind).encode())

    async def chunk(self, data: bytes) -> None:
        """One piece of the answer."""
        if data:
            await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        """The last piece."""
        await self.send(b"0\r\n\r\n")

    async def gone(self) -> None:
        """Returns when the other side has left; what it sends meanwhile is not listened to."""
        try:
            while await self.reader.read(BUFFER):
                pass
        except OSError:
            return

    async def watched(self, resource: str = "", pk: int = 0) -> None:
        """Returns when the login or the right to read the object has ended."""
        while True:
            await asyncio.sleep(settings.LIVE_CHECK_SECONDS)
            if not await self.db(rows.still_allowed, self.asked.user, self.asked.login, resource, pk):
                return

    def abort(self) -> None:
        """Close without ceremony: a client sees that the answer is not whole."""
        self.writer.transport.abort()

    async def close(self) -> None:
        """Close once everything is sent."""
        self.writer.close()
        try:
            await asyncio.wait_for(self.writer.wait_closed(), SEND_SECONDS)
        except (TimeoutError, OSError):
            self.abort()


class Waker:
    """An event that messages of some groups set; `wait` returns after a while in any case."""

    def __init__(self, job: int = 0) -> None:
        self.job, self.event = job, asyncio.Event()

    def __call__(self, group: str, message: dict[str, Any] | None) -> None:
        """A message: those about the statuses of other jobs do not matter."""
        if message is None or not group.startswith("jobs-") or message.get("unified_job_id") == self.job:
            self.event.set()

    async def wait(self, seconds: float) -> bool:
        """Whether there was a message within some seconds."""
        try:
            await asyncio.wait_for(self.event.wait(), seconds)
        except TimeoutError:
            return False
        self.event.clear()
        return True


@asynccontextmanager
async def woken(hub: Hub, *groups: str, job: int = 0) -> AsyncIterator[Waker]:
    """A waker for some groups."""
    waker = Waker(job)
    for group in groups:
        await hub.listen(group, waker)
    try:
        yield waker
    finally:
        for group in groups:
            hub.leave(group, waker)
