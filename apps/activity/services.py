"""Write entries: one statement for the entries of an act, one for the objects that they concern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from apps.conf import live
from apps.core import context

from .models import ActivityObject, ActivityStream

_silent: ContextVar[bool] = ContextVar("activity_silent", default=False)


@dataclass
class Act:
    """What happened: the columns of an entry, and the (kind, id) pairs that it concerns."""

    operation: str
    object1: str
    changes: dict[str, Any] = field(default_factory=dict)
    objects: tuple[tuple[str, Any], ...] = ()
    object2: str = ""
    object_association: str = ""
    object_type: str = ""
    setting: dict[str, Any] = field(default_factory=dict)


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is written within: for imports and demonstration data."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def enabled() -> bool:
    """Whether the stream is kept at all."""
    return not _silent.get() and bool(live.get("ACTIVITY_STREAM_ENABLED"))


def record(acts: Iterable[Act]) -> None:
    """Write acts in the name of the actor."""
    acts, actor = list(acts), context.actor()
    if not acts:
        return
    actor_id = actor.pk if actor is not None else None
    entries = ActivityStream.objects.bulk_create(
        ActivityStream(
            actor_id=actor_id,
            operation=act.operation,
            object1=act.object1,
            object2=act.object2,
            object_association=act.object_association,
            object_type=act.object_type,
            changes=act.changes,
            setting=act.setting,
            action_node=settings.CLUSTER_HOST_ID,
        )
        for act in acts
    )
    ActivityObject.objects.bulk_create(
        ActivityObject(entry=entry, **{f"{kind}_id": pk})
        for entry, act in zip(entries, acts, strict=True)
        for kind, pk in act.objects
    )
