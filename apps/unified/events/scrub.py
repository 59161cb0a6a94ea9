"""Events that PostgreSQL refuses as they are: lone surrogates, numbers that JSON has not, times that are none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

LARGEST = 2**31 - 1


def scrub(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with everything replaced that cannot be stored; its counter and its place stay."""
    out = clean(dict(event))
    out["created"] = moment(event.get("created"))
    for name in ("verbosity", "start_line", "end_line"):
        out[name] = number(event.get(name))
    if not isinstance(out.get("event_data"), dict):
        out["event_data"] = {}
    return out


def bare(event: Mapping[str, Any]) -> dict[str, Any]:
    """The last resort: that there was an event, and what it was called."""
    kept = {name: number(event.get(name)) for name in ("counter", "start_line", "end_line")}
    name = str(event.get("event", "")).encode("ascii", "replace").decode() or "verbose"
    return {**kept, "event": name, "stdout": "", "event_data": {}}


def clean(value: Any) -> Any:
    """Text without lone surrogates and numbers that are numbers, all the way down."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def number(value: Any) -> int:
    """A number that fits its column."""
    return value if isinstance(value, int) and 0 <= value <= LARGEST else 0


def moment(value: Any) -> str | None:
    """A time, or None where it is none."""
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None
