"""Storing events: many at once by COPY, together with the new offset of the spool, in one transaction."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import DataError, connection, transaction
from django.db.models import F

from apps.unified import meters
from apps.unified.models import JobProcess

from . import tables
from .rows import family_of
from .scrub import bare, scrub

log = logging.getLogger(__name__)

SPECIAL = re.compile(r"[\\\n\r\t\x00]").search
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x00": None})
TEXT_LIMIT = 1024  # names of hosts, plays, tasks
EMPTY = {
    "failed": False, "changed": False, "host_id": None, "host_name": "", "parent_uuid": "",
    "playbook": "", "play": "", "role": "", "task": "",
}  # fmt: skip
FAILURES = {"runner_on_failed", "runner_on_unreachable", "runner_on_error", "runner_on_async_failed"}


class LostError(Exception):
    """Another supervisor has taken the job over: nothing was stored."""


@cache
def columns(model: Any) -> tuple[str, ...]:
    """The columns that are written, in the order of the rows."""
    return tuple(field.column for field in model._meta.concrete_fields if not field.primary_key)


def escape(value: Any) -> str:
    """A value in COPY's text format; text cannot hold NUL."""
    if value.__class__ is str:
        return value.translate(ESCAPES) if SPECIAL(value) else value
    if value is None:
        return r"\N"
    if value.__class__ is bool:
        return "t" if value else "f"
    return escape(str(value))


def data_text(data: Mapping[str, Any]) -> str:
    """event_data as JSON text that jsonb takes."""
    if not data:
        return "{}"
    text = json.dumps(data)
    return text.replace("\\u0000", "") if "\\u0000" in text else text


def failed(event: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether the event is a failure that counts: one that the playbook ignores does not."""
    name = event["event"]
    if name in FAILURES:
        return not data.get("ignore_errors")
    if name == "playbook_on_stats":
        return any(sum((data.get(kind) or {}).values()) for kind in ("failures", "dark"))
    return name == "error"


def changed(event: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether something was changed."""
    if event["event"] == "playbook_on_stats":
        return any((data.get("changed") or {}).values())
    if event["event"] in {"runner_on_ok", "runner_on_async_ok", "runner_item_on_ok"}:
        return bool((data.get("res") or {}).get("changed"))
    return False


def values(event: Mapping[str, Any], hosts: Mapping[str, int], common: Mapping[str, Any]) -> dict[str, Any]:
    """One event as column values; those that its family does not have are simply not used."""
    data = event.get("event_data") or {}
    row = {
        **common,
        "created": event.get("created") or common["modified"],
        "event": str(event["event"])[:100],
        "event_data": data_text(data),
        "uuid": str(event.get("uuid", ""))[:TEXT_LIMIT],
        "counter": event["counter"],
        "stdout": event.get("stdout", ""),
        "verbosity": event.get("verbosity", 0) or 0,
        "start_line": event.get("start_line", 0) or 0,
        "end_line": event.get("end_line", 0) or 0,
    }
    if data or event["event"] == "error":
        host = str(data.get("host") or "")
        row |= {"failed": failed(event, data), "changed": changed(event, data)}
        row |= {"host_id": hosts.get(host), "host_name": host[:TEXT_LIMIT]}
        row |= {name: str(data.get(name) or "")[:TEXT_LIMIT] for name in ("playbook", "play", "role", "task")}
    if event.get("parent_uuid"):
        row["parent_uuid"] = str(event["parent_uuid"])[:TEXT_LIMIT]
    return row


def lines(model: Any, job: Any, events: Iterable[Mapping[str, Any]], hosts: Mapping[str, int]) -> io.StringIO:
    """The rows in COPY's text format."""
    names, out = columns(model), io.StringIO()
    common = {**EMPTY, "modified": datetime.now(UTC).isoformat(), "job_created": job.created.isoformat()}
    common[model._meta.get_field(model.family).column] = str(job.pk)
    for event in events:
        row = values(event, hosts, common)
        out.write("\t".join([escape(row[name]) for name in names]))
        out.write("\n")
    out.seek(0)
    return out


def copy(model: Any, text: io.StringIO) -> None:
    """COPY rows into a family's table; its errors are Django's, as those of every other statement are."""
    rows = io.BytesIO(text.getvalue().encode())
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({', '.join(columns(model))}) FROM STDIN", rows)


def write(model: Any, job: Any, events: list[dict[str, Any]], hosts: Mapping[str, int]) -> None:
    """COPY the events; where the database refuses some, clean them, and in the end tell only that they were there."""
    for cleaned in (None, scrub, bare):
        try:
            with transaction.atomic():
                copy(model, lines(model, job, [cleaned(e) for e in events] if cleaned else events, hosts))
        except (DataError, UnicodeError, ValueError, TypeError, AttributeError) as error:
            log.warning("Events of job %s cannot be stored as they are: %s", job.pk, error)
            meters.add(callback_receiver_batch_events_errors=1)
        else:
            return
    raise ValueError(f"The events of job {job.pk} cannot be stored at all.")


def store(
    job: Any, events: list[dict[str, Any]], *, attempt: str, offset: tuple[int, int], hosts: Mapping[str, int]
) -> None:
    """Store events and move the offset from offset[0] to offset[1], both or neither.

    LostError where this supervisor does not hold the job any more, or somebody else has stored these events.
    """
    model, begun = family_of(job.__class__), time.monotonic()
    if model is not None:
        tables.ensure(model, tables.day_of(job.created))
    with transaction.atomic():
        moved = JobProcess.objects.filter(pk=job.pk, attempt=attempt, offset=offset[0]).update(
            offset=offset[1], counter=F("counter") + len(events)
        )
        if not moved:
            raise LostError
        if events and model is not None:
            write(model, job, events, hosts)
    if events:
        meters.add(
            callback_receiver_events_insert_db=len(events),
            callback_receiver_batch_events_insert_db=1,
            callback_receiver_events_insert_db_seconds=time.monotonic() - begun,
        )
