"""What follows from a schedule's rule: when it runs next, and what its template then shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.unified import live
from apps.unified.models import Schedule, UnifiedJobTemplate

from .rules import Recurrence, settle_until


def compute(schedule: Schedule, now: datetime | None = None) -> None:
    """Set dtstart, dtend and next_run from the rule; nothing is saved."""
    schedule.rrule = settle_until(schedule.rrule)
    rule = Recurrence(schedule.rrule)
    first, last = rule.first(), rule.last()
    following = rule.after(now or timezone.now()) if schedule.enabled else []
    schedule.dtstart = first.astimezone(UTC) if first else None
    schedule.dtend = last.astimezone(UTC) if last else None
    schedule.next_run = following[0].astimezone(UTC) if following else None


def announce(schedule: Schedule) -> None:
    """Tell live followers that a schedule is another one now."""
    told = {"id": schedule.pk, "unified_job_template_id": schedule.unified_job_template_id}
    transaction.on_commit(lambda: live.publish("schedules-changed", told))


def settle_template(pk: int) -> None:
    """Name on the template the schedule that it shows: as in AWX, of all that will run, the one that runs last."""
    shown = Schedule.objects.filter(enabled=True, unified_job_template=pk, next_run__isnull=False).order_by("-next_run")
    latest = shown.values("pk", "next_run").first() or {"pk": None, "next_run": None}
    rows: Any = UnifiedJobTemplate.objects.non_polymorphic().filter(pk=pk)
    rows.update(next_schedule=latest["pk"], next_job_run=latest["next_run"])
