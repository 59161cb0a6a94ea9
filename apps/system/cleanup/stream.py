"""Entries of the activity stream that are older than some days."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.activity.models import ActivityObject, ActivityStream

from .sets import erase

BATCH = 20000


def clean(days: int, *, dry_run: bool = False) -> int:
    """Delete them; how many there were."""
    due = ActivityStream.objects.filter(timestamp__lt=timezone.now() - timedelta(days=days)).order_by()
    if dry_run:
        return due.count()
    gone = 0
    while ids := list(due.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            erase(ActivityObject.objects.filter(entry__in=ids))
            gone += erase(ActivityStream.objects.filter(pk__in=ids))
    return gone
