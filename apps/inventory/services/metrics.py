"""Counting machines: one row a host name, however many inventories it is in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.inventory.models import HostMetric, HostMetricSummaryMonthly

COUNT = """
INSERT INTO inventory_hostmetric
  (hostname, first_automation, last_automation, automated_counter, deleted_counter, deleted)
SELECT DISTINCT h.name, %(now)s, %(now)s, 1, 0, FALSE
FROM jobs_jobhostsummary s JOIN inventory_host h ON h.id = s.host_id WHERE s.job_id = %(job)s
ON CONFLICT (hostname) DO UPDATE SET
  last_automation = EXCLUDED.last_automation, deleted = FALSE,
  automated_counter = inventory_hostmetric.automated_counter + 1
"""
USED = """
UPDATE inventory_hostmetric m SET used_in_inventories = n.inventories
FROM (
  SELECT m2.id, count(DISTINCT h.inventory_id) AS inventories FROM inventory_hostmetric m2
  LEFT JOIN inventory_host h ON h.name = m2.hostname GROUP BY m2.id
) AS n WHERE n.id = m.id AND m.used_in_inventories IS DISTINCT FROM n.inventories
"""


def count_job(job_id: int) -> None:
    """The hosts that a job ran on were automated once more; called once a job."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"job": job_id, "now": timezone.now()})


def summarize_month(today: date | None = None) -> None:
    """Count this month's machines, and in how many inventories each is."""
    first = (today or timezone.now().date()).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(USED)
    rows: Any = HostMetric.objects
    HostMetricSummaryMonthly.objects.update_or_create(
        date=first,
        defaults={
            "license_consumed": rows.filter(deleted=False).count(),
            "hosts_added": rows.filter(first_automation__date__gte=first).count(),
            "hosts_deleted": rows.filter(deleted=True, last_deleted__date__gte=first).count(),
        },
    )
