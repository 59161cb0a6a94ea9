"""Change and reset settings; who listens to `settings_changed` learns the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.core.serializers import iso

from . import live, registry
from .models import Setting

LOCK = 0x636F6E66  # the advisory lock of whoever writes settings


def alone() -> None:
    """Wait until no other transaction writes settings: two that give a setting its first value would collide."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def change(values: Mapping[str, Any]) -> frozenset[str]:
    """Write settings; returns the keys whose value is another now. Each row is saved, so that the change is audited."""
    alone()
    before, changed = live.read(), set()
    for key, given in values.items():
        declared = registry.find(key)
        if declared.read_only:
            continue
        value = iso(given) if isinstance(given, datetime) else given
        if key in before and before[key] == value:
            continue
        if key not in before and value == declared.initial():
            continue
        row = Setting.objects.filter(key=key).first() or Setting(key=key)
        row.value = Setting.written(value, secret=declared.secret)
        row.modified = timezone.now()
        row.save()
        changed.add(key)
    if changed:
        live.announce(frozenset(changed))
    return frozenset(changed)


@transaction.atomic
def reset(keys: Iterable[str]) -> frozenset[str]:
    """Give settings their defaults again; returns the keys that had another value."""
    alone()
    rows = list(Setting.objects.filter(key__in=list(keys)))
    for row in rows:
        row.delete()
    found = frozenset(row.key for row in rows)
    if found:
        live.announce(found)
    return found
