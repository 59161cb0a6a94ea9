"""job_events/children_summary/: how many events hang below each, for views that fold them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView
from apps.unified.events.rows import of_job
from apps.unified.events_models import LEVELS

META = ("debug", "verbose", "deprecated", "warning", "system_warning", "error")
HOST_LEVEL = 3


class Tally:
    """Reads events in order and keeps only what it needs: the open event of each level, and the parents' counts."""

    def __init__(self) -> None:
        self.counts: dict[int, dict[str, int]] = {}
        self.open: list[tuple[str, int, int] | None] = [None] * (HOST_LEVEL + 1)  # (uuid, counter, row)
        self.nested: dict[int, str] = {}
        self.last: tuple[str, str] = ("", "")  # uuid and event of the last one that has a place in the tree

    def read(self, row: int, counter: int, uuid: str, parent: str, event: str) -> bool:
        """One event; False where it has no place in a tree (hosts that run freely)."""
        if event in META:
            return self.read_meta(counter, parent)
        level = HOST_LEVEL if event.startswith("runner_") else LEVELS.get(event, 0)
        above = [entry for entry in self.open[:level] if entry]
        if parent and parent not in [entry[0] for entry in above]:
            return False
        self.count(above)
        self.open[level] = (uuid, counter, row)
        self.open[level + 1 :] = [None] * (HOST_LEVEL - level)
        self.last = (uuid, event)
        return True

    def read_meta(self, counter: int, parent: str) -> bool:
        """Plain output belongs to whatever was open when it came."""
        above = [entry for entry in self.open[:HOST_LEVEL] if entry]
        if above and not parent:
            self.nested[counter] = above[-1][0]
        self.count(above)
        return True

    def count(self, above: list[tuple[str, int, int]]) -> None:
        """One more below each open event."""
        for _, counter, row in above:
            entry = self.counts.setdefault(counter, {"rowNumber": row, "numChildren": 0})
            entry["numChildren"] += 1


class ChildrenSummaryView(VerbView):
    """GET, once all events are stored; an untrue tree is said so and left flat."""

    renderer_classes = (JSONRenderer,)

    def get(self, request: Request, pk: int) -> Response:
        """The counts by counter."""
        job = self.get_object()
        body: dict[str, Any] = {
            "children_summary": {},
            "meta_event_nested_uuid": {},
            "event_processing_finished": job.event_processing_finished,
            "is_tree": True,
        }
        if not job.event_processing_finished:
            return Response(body)
        rows = of_job(job).order_by("counter").values_list("counter", "uuid", "parent_uuid", "event")
        tally = tallied(rows.iterator(chunk_size=2000))
        if tally is None:
            return Response(body | {"is_tree": False})
        return Response(body | {"children_summary": tally.counts, "meta_event_nested_uuid": tally.nested})


def tallied(events: Iterable[tuple[int, str, str, str]]) -> Tally | None:
    """The counts of all events, or None where they make no tree."""
    tally = Tally()
    for row, (counter, uuid, parent, event) in enumerate(events):
        if not tally.read(row, counter, uuid, parent, event):
            return None
    return tally
