"""/dashboard/graphs/jobs/: finished jobs by day or hour; one grouped query."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import BadRequest
from apps.core.registry import page
from apps.core.views import PageView

from .dashboard import seen

# period -> (how far back, width of a bar)
PERIODS = {
    "month": (timedelta(days=31), timedelta(days=1)),
    "two_weeks": (timedelta(days=14), timedelta(days=1)),
    "week": (timedelta(days=7), timedelta(days=1)),
    "day": (timedelta(days=1), timedelta(hours=1)),
}
KINDS = {"inv_sync": "inventoryupdate", "playbook_run": "job", "scm_update": "projectupdate"}
STATUSES = ("successful", "failed", "canceled", "error")


def bars(rows: Any, begin: datetime, end: datetime, width: timedelta) -> dict[str, list[list[Any]]]:
    """{status: [[seconds since 1970, count], …]}, one pair a bar, also where nothing happened."""
    truncate = TruncHour if width < timedelta(days=1) else TruncDay
    grouped = rows.filter(finished__gte=begin, status__in=STATUSES).order_by().annotate(at=truncate("finished"))
    counts = {(s, at): n for s, at, n in grouped.values_list("status", "at").annotate(n=Count("pk"))}
    starts = [begin + i * width for i in range((end - begin) // width + 1)]
    return {s: [[at.timestamp(), counts.get((s, at), 0)] for at in starts] for s in STATUSES}


@page("dashboard/graphs/jobs/")
class JobsGraphView(PageView):
    """The jobs that the user sees, counted by result and time."""

    title = "Dashboard Jobs Graphs"

    def get(self, request: Request) -> Response:
        """`period`: month, two_weeks, week, day; `job_type`: inv_sync, playbook_run, scm_update; any other: all."""
        period = request.query_params.get("period", "month")
        kind = request.query_params.get("job_type", "all")
        if period not in PERIODS:
            raise BadRequest({"error": f"The period must be one of {', '.join(PERIODS)}."})
        span, width = PERIODS[period]
        now = timezone.now()
        end = now.replace(minute=0, second=0, microsecond=0) if period == "day" else day_of(now)
        rows = seen("unified_jobs", request.user).filter(launch_type__isnull=False)
        if kind in KINDS:
            rows = rows.filter(polymorphic_ctype__model=KINDS[kind])
        return Response({"jobs": bars(rows, end - span, end, width)})


def day_of(moment: datetime) -> datetime:
    """Midnight, UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
