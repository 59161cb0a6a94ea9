"""What the dispatcher asks of all pending jobs at once, as SQL over the columns that submit() has worked out."""

from __future__ import annotations

from typing import Any

from django.db import connection

PATIENCE = "interval '1 minute'"  # after which room is kept for a job that does not fit
ACTIVE = "('new', 'pending', 'waiting', 'running')"
# Each part is one pass over the pending jobs, joined by hashing: what asks row by row grows with their square.
# heads: the first job of each lane, and one that is under way; a job may not pass the one, nor run beside the other
WAITING = f"""
WITH heads AS MATERIALIZED (
    SELECT lane, min(id) AS first, min(id) FILTER (WHERE status IN ('waiting', 'running')) AS busy
    FROM unified_unifiedjob WHERE lane <> '' AND status IN {ACTIVE} GROUP BY lane
), waiting AS MATERIALIZED (
    SELECT id, polymorphic_ctype_id, task_impact, preferred_groups, lane, waits_on, dependencies_processed, created
    FROM unified_unifiedjob
    WHERE status = 'pending' AND NOT cancel_flag AND polymorphic_ctype_id = ANY(%(kinds)s)
), behind AS MATERIALIZED (
    SELECT j.id, coalesce(h.busy, h.first) AS other FROM waiting j JOIN heads h ON h.lane = j.lane
    WHERE h.first < j.id OR h.busy IS NOT NULL
), held AS MATERIALIZED (
    SELECT j.id, min(coalesce(h.busy, h.first)) AS other
    FROM waiting j CROSS JOIN LATERAL unnest(j.waits_on) AS w(lane) JOIN heads h ON h.lane = w.lane
    WHERE h.first < j.id OR h.busy IS NOT NULL GROUP BY j.id
), depends AS MATERIALIZED (
    SELECT j.id, min(o.id) AS other
    FROM waiting j JOIN unified_unifiedjob_dependent_jobs d ON d.from_unifiedjob_id = j.id
    JOIN unified_unifiedjob o ON o.id = d.to_unifiedjob_id AND o.status IN {ACTIVE} GROUP BY j.id
)
"""  # noqa: S608  (constants of this module)
READY = f"""
{WAITING} SELECT id, polymorphic_ctype_id, task_impact, preferred_groups, created < now() - {PATIENCE} FROM waiting
WHERE dependencies_processed AND id NOT IN (SELECT id FROM behind) AND id NOT IN (SELECT id FROM held)
  AND id NOT IN (SELECT id FROM depends) AND id > %(after)s
ORDER BY id LIMIT %(limit)s
"""  # noqa: S608
UNPREPARED = f"""
{WAITING} SELECT id FROM waiting
WHERE NOT dependencies_processed AND id NOT IN (SELECT id FROM behind) ORDER BY id LIMIT %(limit)s
"""  # noqa: S608
FAILED_DEPENDENCIES = """
SELECT j.id, o.id FROM unified_unifiedjob j
JOIN unified_unifiedjob_dependent_jobs d ON d.from_unifiedjob_id = j.id
JOIN unified_unifiedjob o ON o.id = d.to_unifiedjob_id
WHERE j.status = 'pending' AND o.status IN ('failed', 'error', 'canceled') ORDER BY j.id LIMIT 200
"""
ASSIGN = """
UPDATE unified_unifiedjob j SET status = 'waiting', execution_node = v.node, controller_node = %(controller)s,
       instance_group_id = v.instance_group, job_explanation = '', modified = now()
FROM unnest(%(ids)s::bigint[], %(nodes)s::text[], %(groups)s::bigint[]) AS v(id, node, instance_group)
WHERE j.id = v.id AND j.status = 'pending' AND NOT j.cancel_flag RETURNING j.id, j.execution_node
"""
BEGIN = """
UPDATE unified_unifiedjob j SET status = 'running', started = now(), job_explanation = '', modified = now(),
       controller_node = %(controller)s
WHERE j.id = ANY(%(ids)s) AND j.status = 'pending' AND NOT j.cancel_flag RETURNING j.id
"""
# why each pending job waits; the first reason counts. Of a group: what Room.obstacles() said of it, or the job's size
EXPLAIN = f"""
{WAITING}, room AS MATERIALIZED (
    SELECT * FROM unnest(%(groups)s::bigint[], %(names)s::text[], %(words)s::text[], %(forks)s::int[], %(left)s::int[])
        AS g(id, name, word, forks, free)
), names AS MATERIALIZED (
    SELECT o.id, o.name || ' (' || o.id || ').' AS text FROM unified_unifiedjob o WHERE o.id IN (
        SELECT other FROM depends UNION SELECT other FROM held UNION SELECT other FROM behind)
), reason AS (
    SELECT j.id, CASE
        WHEN d.id IS NOT NULL THEN 'Waits for a job that must be successful first: ' || d_name.text
        WHEN h.id IS NOT NULL THEN 'Waits for what it uses to be updated: ' || h_name.text
        WHEN b.id IS NOT NULL THEN 'Waits for an earlier run, beside which it may not run: ' || b_name.text
        WHEN NOT j.dependencies_processed THEN 'Waits for the jobs that must run before it to be determined.'
        ELSE 'Waits for room in an instance group: ' || coalesce((
            SELECT string_agg(g.name || ' (' || CASE
                WHEN g.word <> '' THEN g.word
                WHEN g.forks > 0 AND j.task_impact > g.free THEN 'max_forks: at most ' || g.forks || ' at once'
                ELSE 'its instances are full' END || ')', ', ' ORDER BY g.id)
            FROM room g
            WHERE g.id = ANY(coalesce(nullif(j.preferred_groups, '{{}}'), %(fallback)s::bigint[]))
        ), 'its groups are gone') || '.' END AS text
    FROM waiting j
    LEFT JOIN depends d ON d.id = j.id LEFT JOIN names d_name ON d_name.id = d.other
    LEFT JOIN held h ON h.id = j.id LEFT JOIN names h_name ON h_name.id = h.other
    LEFT JOIN behind b ON b.id = j.id LEFT JOIN names b_name ON b_name.id = b.other
)
UPDATE unified_unifiedjob j SET job_explanation = r.text FROM reason r
WHERE j.id = r.id AND j.status = 'pending' AND j.job_explanation <> r.text
"""  # noqa: S608


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
