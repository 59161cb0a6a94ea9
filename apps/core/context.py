"""Who acts right now: set per request and per task, read by models, the activity stream and logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_actor: ContextVar[Any] = ContextVar("actor", default=None)
_scratch: ContextVar[dict[Any, Any] | None] = ContextVar("scratch", default=None)


def actor() -> Any:
    """The user who acts, or None (a task, a command, an anonymous request)."""
    return _actor.get()


def set_actor(user: Any) -> None:
    """Name the actor for the rest of this request or task."""
    _actor.set(user if user is not None and user.is_authenticated else None)


@contextmanager
def acting_as(user: Any) -> Iterator[None]:
    """Run a block in the name of `user`."""
    token = _actor.set(user)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def request_scope() -> Iterator[None]:
    """One request: an actor yet unknown and an empty memory, both forgotten at the end."""
    actor_token, memory_token = _actor.set(None), _scratch.set({})
    try:
        yield
    finally:
        _actor.reset(actor_token)
        _scratch.reset(memory_token)


def memory() -> dict[Any, Any] | None:
    """What this request remembers (team ids, settings); None outside of a request, where nothing may be kept."""
    return _scratch.get()


def forget() -> None:
    """Drop what this request remembers: rights have changed."""
    kept = _scratch.get()
    if kept:
        kept.clear()
