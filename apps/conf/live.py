"""The value of a setting now: `live.get("SESSION_COOKIE_AGE")`.

A process keeps all changed values in memory. Twice a second at most it looks at a version in the shared cache, which
every change raises; so a change counts at once where it was made, and within half a second everywhere else.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import transaction

from apps.core import events

from . import registry
from .models import Setting

log = logging.getLogger(__name__)
VERSION = "conf.version"
LOOK_EVERY = 0.5  # seconds
READ_EVERY = 30.0  # seconds: whatever the version says, so that a change that was rolled back is forgotten


@dataclass
class Memory:
    """What this process remembers."""

    values: dict[str, Any] | None = None
    version: str | None = None
    looked: float = 0.0
    loaded: float = 0.0
    lock: Any = field(default_factory=threading.Lock)


_memory = Memory()


def get(key: str) -> Any:
    """The setting's value: as changed, or its default; KeyError for a setting that does not exist."""
    declared = registry.find(key)
    if declared.compute is not None:
        return declared.compute()
    values = changed()
    return copy.deepcopy(values[key]) if key in values else declared.initial()


def is_changed(key: str) -> bool:
    """Whether someone gave the setting a value."""
    return key in changed()


def changed() -> dict[str, Any]:
    """All changed settings; not to be modified."""
    values, now = _memory.values, time.monotonic()
    if values is not None and now - _memory.looked < LOOK_EVERY:
        return values
    with _memory.lock:
        version = shared_version()
        values = _memory.values
        old = version is None or version != _memory.version or now - _memory.loaded > READ_EVERY
        if values is None or old:
            values = _memory.values = read()
            _memory.version, _memory.loaded = version, now
        _memory.looked = now
        return values


def read() -> dict[str, Any]:
    """The changed settings from the table; those of an older release that are gone now are left out."""
    return {row.key: row.read() for row in Setting.objects.all() if registry.known(row.key)}


def shared_version() -> str | None:
    """The version that all processes share; None where the cache cannot be asked, so that the table is read."""
    try:
        version = cache.get(VERSION)
        if version is None:
            cache.add(VERSION, uuid.uuid4().hex, timeout=None)
            version = cache.get(VERSION)
    except Exception:
        log.warning("the shared cache does not answer; settings are read from the database", exc_info=True)
        return None
    return version


def forget() -> None:
    """Drop what this process remembers."""
    with _memory.lock:
        _memory.values, _memory.looked = None, 0.0


def announce(keys: frozenset[str]) -> None:
    """Settings were written: forget here now, and everywhere once it is committed."""
    forget()
    events.settings_changed.send(sender=None, keys=keys)
    transaction.on_commit(raise_version)


def raise_version() -> None:
    """Tell the other processes."""
    forget()
    try:
        cache.set(VERSION, uuid.uuid4().hex, timeout=None)
    except Exception:
        log.warning("the shared cache does not answer; other processes learn of changed settings later", exc_info=True)
