"""A page of a list as a table for people: what it is, of which kind, in which state, about what, when."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime

from .document import is_link
from .trail import words

NAMES = ("name", "username", "hostname", "event_display", "host_name", "identifier", "description")
TIMES = ("finished", "started", "last_job_run", "timestamp", "modified", "created")
BESIDE = (
    "organization", "unified_job_template", "job_template", "inventory", "project", "user", "team",
    "role_definition", "content_object", "host", "credential_type", "application",
)  # fmt: skip
MOST_BESIDE = 3
FIGURES = (
    ("ok", "ok"), ("changed", "changed"), ("failures", "failed"), ("dark", "unreachable"), ("skipped", "skipped"),
    ("ignored", "ignored"), ("rescued", "rescued"),
)  # fmt: skip


def table(rows: list[Any]) -> dict[str, Any] | None:
    """{rows, kinds, states}: the rows, and which columns have anything in them; None where no row is an object."""
    if not all(isinstance(row, dict) for row in rows):
        return None
    found = [entry(row) for row in rows]
    return {
        "rows": found,
        "kinds": len({row["kind"] for row in found}) > 1,
        "states": any(row["status"] for row in found),
        "beside": any(row["beside"] or row["about"] for row in found),
        "times": any(row["when"] for row in found),
    }


def entry(row: dict[str, Any]) -> dict[str, Any]:
    """One row."""
    name = name_of(row)
    about = about_of(row)
    return {
        "id": row.get("id"),
        "name": name,
        "url": link_of(row.get("url")),
        "kind": words(text_of(row.get("type"))),
        "status": text_of(row.get("status")) or result(row) or enabled(row),
        "about": "" if about == name else about,
        "beside": beside(row),
        "when": time_of(row),
    }


def name_of(row: dict[str, Any]) -> str:
    """What a person would call the row."""
    if "operation" in row and "object1" in row:
        parts = (text_of(row.get(key)).replace("_", " ") for key in ("operation", "object1", "object2"))
        return " ".join(part for part in parts if part)
    return next((text for key in NAMES if (text := text_of(row.get(key)))), "") or f"#{row.get('id', '')}"


def about_of(row: dict[str, Any]) -> str:
    """What else there is to say: a description, the task of an event, the figures of a host, what an entry is about."""
    if "dark" in row and "processed" in row:
        return ", ".join(f"{row[key]} {word}" for key, word in FIGURES if row.get(key))
    summaries = row.get("summary_fields")
    if "operation" in row and isinstance(summaries, dict):
        found = [
            item for key in dict.fromkeys((row.get("object1"), row.get("object2"))) for item in many(summaries, key)
        ]
        names = [name_of(item) for item in found]
        actor = summaries.get("actor")
        return " · ".join([*names, *([f"by {name_of(actor)}"] if isinstance(actor, dict) else [])])
    return text_of(row.get("description")) or text_of(row.get("task")) or text_of(row.get("play"))


def many(summaries: dict[str, Any], key: Any) -> list[dict[str, Any]]:
    """The summaries of the activity stream are lists."""
    found = summaries.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def result(row: dict[str, Any]) -> str:
    """How an event went."""
    if "event_display" not in row:
        return ""
    return "failed" if row.get("failed") else "changed" if row.get("changed") else ""


def text_of(value: Any) -> str:
    """A text, or nothing for anything else."""
    return value if isinstance(value, str) else ""


def link_of(value: Any) -> str:
    """A path of the API, or nothing."""
    return value if isinstance(value, str) and is_link(value) else ""


def enabled(row: dict[str, Any]) -> str:
    """What can be switched on or off says which it is."""
    return {True: "enabled", False: "disabled"}.get(row.get("enabled"), "")  # type: ignore[arg-type]


def beside(row: dict[str, Any]) -> list[dict[str, str]]:
    """The objects that the row belongs to: [{label, name, url}, …]."""
    summaries, related = row.get("summary_fields"), row.get("related")
    if not isinstance(summaries, dict):
        return []
    out = []
    if text_of(summaries.get("resource_name")):  # a role tells of its object in three fields
        kind = words(text_of(summaries.get("resource_type")))
        out.append({"label": kind, "name": summaries["resource_name"], "url": ""})
    for key in BESIDE:
        shown = summaries.get(key)
        name = name_of(shown) if isinstance(shown, dict) and shown.get("id") else ""
        if name and name != row.get("name"):
            url = link_of(related.get(key)) if isinstance(related, dict) else ""
            out.append({"label": words(key), "name": name, "url": url})
    return out[:MOST_BESIDE]


def time_of(row: dict[str, Any]) -> Any:
    """The most telling moment of the row: {label, at}."""
    for key in TIMES:
        at = parse_datetime(row[key]) if isinstance(row.get(key), str) else None
        if at:
            return {"label": words(key), "at": at}
    return None
