"""Events for tests: a small playbook run, as the runner stores it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.unified.events import tables
from apps.unified.events.rows import family_of

STATS = {
    "ok": {"one": 2, "two": 1},
    "changed": {"one": 1},
    "failures": {"two": 1},
    "processed": {"one": 1, "two": 1},
    "artifact_data": {"answer": 42},
}


def add(job: Any, *events: dict[str, Any]) -> None:
    """Store events with counters from 1; their lines follow each other."""
    model = family_of(type(job))
    tables.ensure(model, tables.day_of(job.created))
    line, now = 0, timezone.now()
    for counter, event in enumerate(events, 1):
        text = event.get("stdout", "")
        end = line + (text.count("\n") + 1 if text else 0)
        columns = {"counter": counter, "uuid": f"u{counter}", "created": now, "modified": now, **event}
        model.objects.create(
            **{model.family: job, "job_created": job.created, "start_line": line, "end_line": end, **columns}
        )
        line = end


def playbook(job: Any) -> None:
    """One play, one task, two hosts, some plain output."""
    add(
        job,
        {"event": "playbook_on_start", "uuid": "p"},
        {"event": "playbook_on_play_start", "uuid": "y", "parent_uuid": "p", "stdout": "\r\nPLAY [x] ***", "play": "x"},
        {"event": "playbook_on_task_start", "uuid": "t", "parent_uuid": "y", "stdout": "\r\nTASK [<b>] ***"},
        {"event": "verbose", "stdout": "\x1b]8;;http://evil/\x07click\x1b]8;;\x07 \x1b[2J"},
        {"event": "runner_on_ok", "parent_uuid": "t", "host_name": "one", "stdout": "\x1b[0;32mok: [one]\x1b[0m"},
        {"event": "runner_on_failed", "parent_uuid": "t", "host_name": "two", "failed": True, "stdout": "fatal: [two]"},
        {"event": "playbook_on_stats", "parent_uuid": "p", "uuid": "s", "event_data": STATS},
    )
