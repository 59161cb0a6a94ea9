"""What `manage.py stats` tells: how much there is, and how much happened lately; a constant number of queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from apps.core import registry
from apps.instances.models import Instance
from apps.unified.models import UnifiedJob

COUNTED = (
    "organizations", "users", "teams", "inventories", "hosts", "groups", "projects", "credentials", "job_templates",
    "workflow_job_templates", "schedules", "notification_templates",
)  # fmt: skip
RATES = """
SELECT count(*) AS finished,
       count(*) FILTER (WHERE status = 'successful') AS successful,
       coalesce(sum(emitted_events), 0) AS events,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM started - created)) AS waits,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY elapsed::float) AS durations
FROM unified_unifiedjob WHERE finished >= %s
"""
BUSIEST = """
SELECT j.unified_job_template_id, t.name, count(*), round(sum(j.elapsed))
FROM unified_unifiedjob j JOIN unified_unifiedjobtemplate t ON t.id = j.unified_job_template_id
WHERE j.finished >= %s GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 5
"""


def collect(hours: float) -> dict[str, Any]:
    """Counts of everything, rates of the last hours, what is taken of each instance."""
    since = timezone.now() - timedelta(hours=hours)
    return {
        "objects": {slug: registry.by_slug(slug).rows().count() for slug in COUNTED},
        "jobs": by_status(),
        "lately": lately(since, hours),
        "busiest_templates": busiest(since),
        "instances": instances(),
    }


def by_status() -> dict[str, int]:
    """Jobs of all kinds by status."""
    rows = UnifiedJob.objects.non_polymorphic().order_by("status").values_list("status")
    return dict(rows.annotate(n=Count("pk")))


def lately(since: datetime, hours: float) -> dict[str, Any]:
    """What ended since then: how much, how fast, after what wait."""
    with connection.cursor() as cursor:
        cursor.execute(RATES, [since])
        finished, successful, events, waits, durations = cursor.fetchone()
    waits, durations = waits or [None, None], durations or [None, None]
    return {
        "hours": hours,
        "jobs_finished": finished,
        "jobs_per_hour": round(finished / hours, 2),
        "share_successful": round(successful / finished, 4) if finished else None,
        "events": int(events),
        "events_per_second": round(int(events) / (hours * 3600), 2),
        "wait_seconds": {"median": seconds(waits[0]), "p95": seconds(waits[1])},
        "run_seconds": {"median": seconds(durations[0]), "p95": seconds(durations[1])},
    }


def seconds(value: Any) -> float | None:
    """Milliseconds are enough."""
    return None if value is None else round(float(value), 3)


def busiest(since: datetime) -> list[dict[str, Any]]:
    """The templates whose jobs ended most often since then."""
    with connection.cursor() as cursor:
        cursor.execute(BUSIEST, [since])
        rows = cursor.fetchall()
    return [{"id": pk, "name": name, "jobs": jobs, "seconds": int(spent or 0)} for pk, name, jobs, spent in rows]


def instances() -> list[dict[str, Any]]:
    """Each instance with its capacity and the jobs that it runs."""
    active = UnifiedJob.objects.non_polymorphic().filter(status__in=("running", "waiting")).order_by()
    jobs = dict(active.values_list("execution_node").annotate(n=Count("pk")))
    rows = Instance.objects.order_by("hostname").values_list("hostname", "capacity", "enabled")
    return [{"hostname": name, "capacity": c, "enabled": e, "jobs": jobs.get(name, 0)} for name, c, e in rows]
