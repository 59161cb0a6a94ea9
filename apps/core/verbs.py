"""Verbs: paths below a detail that are no lists, /job_templates/<pk>/launch/, declared as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verb:
    """One path below a detail.

    `view` is a subclass of VerbView. Its `get`, `post`, … are the methods; it finds the object by `self.get_object()`.
    """

    name: str  # the path segment and the key in `related`
    view: Any
