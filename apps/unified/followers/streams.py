"""Streams over plain HTTP: output as text, events as lines of JSON, events and statuses as Server-Sent Events.

Server-Sent Events: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from apps.unified.ansi import coloured, plain

from . import rows
from .connection import Connection, woken

LOOK_SECONDS = 2.0  # how long a follower trusts that there would be a message
BEAT_SECONDS = 15.0
TEXT = "text/plain; charset=utf-8"
LINES = "application/x-ndjson"
EVENTS = "text/event-stream"


async def batches(connection: Connection, pk: int, after: int, line: int) -> AsyncIterator[list[dict[str, Any]] | None]:
    """The job's events in order, some at a time; None when nothing came for a while; ends with the job."""
    state = await connection.db(rows.state_of, pk)
    if state is None:
        return
    groups = (f"{event_group(state.type)}-{pk}", "jobs-status_changed")
    async with woken(connection.hub, *groups, job=pk) as waker:
        while True:
            state = await connection.db(rows.state_of, pk)  # before the events: once over, all of them are there
            batch = await connection.db(rows.events_after, pk, after, line)
            if batch:
                after = batch[-1]["counter"]
                yield batch
            elif state is None or state.over:
                return
            elif not await waker.wait(LOOK_SECONDS):
                yield None


def event_group(kind: str) -> str:
    """The group of the events of a kind of job, by its type's name."""
    return "job_events" if kind == "job" else f"{kind}_events"


async def text(connection: Connection) -> None:
    """stdout/?follow=1: the output as it comes."""
    details = connection.asked.details
    clean = coloured if details["form"] == "ansi" else plain
    await connection.begin(TEXT)
    async for batch in batches(connection, details["job"], details["after"], details["line"]):
        for row in batch or ():
            if row["stdout"]:
                lines = row["stdout"].replace("\r\n", "\n").removesuffix("\n").split("\n")
                kept = lines[max(0, details["line"] - row["start_line"]) :]
                await connection.chunk(clean("\n".join(kept) + "\n").encode())
    await connection.end()


async def lines(connection: Connection) -> None:
    """stdout/?follow=1&format=json: an event a line, with its counter to go on from."""
    details = connection.asked.details
    await connection.begin(LINES)
    async for batch in batches(connection, details["job"], details["after"], details["line"]):
        await connection.chunk(b"".join(encoded(row) + b"\n" for row in batch or ()))
    await connection.end()


async def job_events(connection: Connection) -> None:
    """live/ of a job: `job_event` messages whose ids are counters, `status` messages, comments to keep it alive."""
    details = connection.asked.details
    await connection.begin(EVENTS)
    shown, quiet = "", 0.0
    async for batch in batches(connection, details["job"], details["after"], 0):
        for row in batch or ():
            await connection.chunk(message("job_event", row, row["counter"]))
        state = await connection.db(rows.state_of, details["job"])
        if state is not None and state.status != shown:
            shown = state.status
            await connection.chunk(message("status", {"id": details["job"], "status": shown}))
        quiet = quiet + LOOK_SECONDS if batch is None else 0.0
        if quiet >= BEAT_SECONDS:
            quiet = 0.0
            await connection.chunk(b": still here\n\n")
    state = await connection.db(rows.state_of, details["job"])
    final = state.status if state is not None else "deleted"
    if final != shown:
        await connection.chunk(message("status", {"id": details["job"], "status": final}))
    await connection.chunk(message("end", {"id": details["job"], "status": final}))
    await connection.end()


async def statuses(connection: Connection) -> None:
    """live/: a `status` message for each change of a job that the user may see."""
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=1000)

    def heard(_group: str, told: dict[str, Any] | None) -> None:
        if told is not None and not waiting.full():  # a courtesy, as all live messages: the list of jobs is the truth
            waiting.put_nowait(told)

    await connection.begin(EVENTS)
    await connection.hub.listen("jobs-status_changed", heard)
    try:
        await connection.chunk(b": connected\n\n")
        while True:
            try:
                found = [await asyncio.wait_for(waiting.get(), BEAT_SECONDS)]
            except TimeoutError:
                await connection.chunk(b": still here\n\n")
                continue
            while not waiting.empty():
                found.append(waiting.get_nowait())
            ids = {told["unified_job_id"] for told in found}
            seen = await connection.db(rows.visible_ids, connection.asked.user, "unified_jobs", ids)
            await connection.chunk(b"".join(message("status", t) for t in found if t["unified_job_id"] in seen))
    finally:
        connection.hub.leave("jobs-status_changed", heard)


def encoded(data: Any) -> bytes:
    """One line of JSON."""
    return json.dumps(data, default=str).encode()


def message(name: str, data: Any, number: int | None = None) -> bytes:
    """One Server-Sent Event."""
    id_ = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\ndata: %b\n\n" % (id_, name.encode(), encoded(data))
