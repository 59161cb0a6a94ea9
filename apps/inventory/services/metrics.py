"""Counting machines: one row a host name, however many inventories it is in."""

from __future__ import annotations

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.inventory.models import HostMetric

MONTHS = 36  # of the monthly table that are worked out again: machines that come back change earlier months

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
SUMMARIZE = """
WITH added AS (
  SELECT date_trunc('month', first_automation AT TIME ZONE 'UTC')::date AS month, count(*) AS n
  FROM inventory_hostmetric WHERE first_automation < %(end)s GROUP BY 1
), gone AS (
  SELECT date_trunc('month', last_deleted AT TIME ZONE 'UTC')::date AS month, count(*) AS n
  FROM inventory_hostmetric WHERE deleted AND last_deleted < %(end)s GROUP BY 1
), months AS (
  SELECT generate_series((SELECT least(min(month), %(this)s) FROM added), %(this)s, '1 month')::date AS month
), sums AS (
  SELECT m.month, coalesce(a.n, 0) AS added, coalesce(g.n, 0) AS gone,
         sum(coalesce(a.n, 0) - coalesce(g.n, 0)) OVER (ORDER BY m.month) AS consumed
  FROM months m LEFT JOIN added a USING (month) LEFT JOIN gone g USING (month)
)
INSERT INTO inventory_hostmetricsummarymonthly
  (date, license_consumed, license_capacity, hosts_added, hosts_deleted, indirectly_managed_hosts)
SELECT month, greatest(consumed, 0), 0, added, gone, 0 FROM sums WHERE month > %(oldest)s
ON CONFLICT (date) DO UPDATE SET license_consumed = EXCLUDED.license_consumed,
  hosts_added = EXCLUDED.hosts_added, hosts_deleted = EXCLUDED.hosts_deleted
"""


def count_job(job_id: int) -> None:
    """The hosts that a job ran on were automated once more; called once a job."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"job": job_id, "now": timezone.now()})


def summarize_months(today: date | None = None) -> int:
    """Work out the last three years of the monthly table, and in how many inventories each machine is.

    Each month has the machines seen for the first time, those that were deleted, and those that count at its end.
    Gives the number of months.
    """
    this = (today or timezone.now().date()).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(USED)
        values = {"this": this, "end": this + relativedelta(months=1), "oldest": this - relativedelta(months=MONTHS)}
        cursor.execute(SUMMARIZE, values)
        return cursor.rowcount


def forget_idle(months: int) -> int:
    """Machines that were not automated for so many months do not count any more; how many that were."""
    now = timezone.now()
    idle: Any = HostMetric.objects.filter(last_automation__lt=now - relativedelta(months=months), deleted=False)
    return idle.update(deleted=True, last_deleted=now, deleted_counter=F("deleted_counter") + 1)
