"""How many jobs waited and ran over some time: worked out from the times of the jobs themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

# every job that was there in the window adds one when a phase begins and takes one away when it ends
SQL = """
WITH jobs AS (
  SELECT created, started, finished FROM unified_unifiedjob WHERE finished >= %(begin)s AND created < %(end)s
  UNION ALL
  SELECT created, started, NULL FROM unified_unifiedjob
  WHERE finished IS NULL AND status IN ('new', 'pending', 'waiting', 'running')
), changes AS (
  SELECT 0 AS phase, created AS at, 1 AS step FROM jobs
  UNION ALL SELECT 0, coalesce(started, finished), -1 FROM jobs WHERE coalesce(started, finished) IS NOT NULL
  UNION ALL SELECT 1, started, 1 FROM jobs WHERE started IS NOT NULL
  UNION ALL SELECT 1, finished, -1 FROM jobs WHERE started IS NOT NULL AND finished IS NOT NULL
)
SELECT phase, greatest(0, ceil(extract(epoch FROM at - %(begin)s) / %(width)s))::int AS slot, sum(step)
FROM changes WHERE at <= %(end)s GROUP BY 1, 2
"""


@dataclass(frozen=True)
class History:
    """Samples at even moments: how many jobs waited, how many ran."""

    moments: list[datetime]
    pending: list[int]
    running: list[int]


def history(span: timedelta, samples: int, end: datetime | None = None) -> History:
    """The last `span`, at `samples` moments of which the last is `end` (now)."""
    end = end or timezone.now()
    begin, width = end - span, span / (samples - 1)
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"begin": begin, "end": end, "width": width.total_seconds()})
        changes = {(phase, slot): int(step) for phase, slot, step in cursor.fetchall()}
    lines: list[list[int]] = [[], []]
    for phase, line in enumerate(lines):
        level = 0
        for slot in range(samples):
            level += changes.get((phase, slot), 0)
            line.append(level)
    return History([begin + width * slot for slot in range(samples)], lines[0], lines[1])
