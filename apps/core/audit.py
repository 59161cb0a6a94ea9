"""`activity_stream/`: the sub-list of every audited object; the activity app, above, serves the rows."""

from __future__ import annotations

from typing import Any

from . import registry
from .sublists import Sub


def entries_about(obj: Any, user: Any) -> Any:
    """The stream's entries about an object: the model of the resource `activity_stream` knows how to find them."""
    return registry.by_slug("activity_stream").model._default_manager.about(obj)


def audited() -> Sub:
    """The sub-list, for a resource's declaration."""
    return Sub("activity_stream", slug="activity_stream", rows=entries_about)
