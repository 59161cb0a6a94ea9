"""What the dispatcher asks of all pending jobs at once, as SQL over the columns that submit() has worked out."""

from __future__ import annotations

from typing import Any

from django.db import connection

ACTIVE = "('new', 'pending', 'waiting', 'running')"
# another job of the same lane that goes first: it came earlier, or it is under way
BEHIND = f"""
EXISTS (SELECT 1 FROM unified_unifiedjob o WHERE j.lane <> '' AND o.lane = j.lane AND o.lane <> ''
        AND o.status IN {ACTIVE} AND o.id <> j.id AND (o.id < j.id OR o.status IN ('waiting', 'running')))
"""  # noqa: S608
HELD_UP = f"""
EXISTS (SELECT 1 FROM unified_unifiedjob o WHERE o.lane = ANY(j.waits_on) AND o.lane <> ''
        AND o.status IN {ACTIVE} AND (o.id < j.id OR o.status IN ('waiting', 'running')))
"""  # noqa: S608
DEPENDS = f"""
EXISTS (SELECT 1 FROM unified_unifiedjob_dependent_jobs d JOIN unified_unifiedjob o ON o.id = d.to_unifiedjob_id
        WHERE d.from_unifiedjob_id = j.id AND o.status IN {ACTIVE})
"""  # noqa: S608
READY = f"""
SELECT j.id, j.polymorphic_ctype_id, j.task_impact, j.preferred_groups FROM unified_unifiedjob j
WHERE j.status = 'pending' AND j.dependencies_processed AND NOT j.cancel_flag AND j.id > %(after)s
  AND j.polymorphic_ctype_id = ANY(%(kinds)s) AND NOT {BEHIND} AND NOT {HELD_UP} AND NOT {DEPENDS}
ORDER BY j.id LIMIT %(limit)s
"""  # noqa: S608  (constants of this module)
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
# why each pending job waits; the first reason counts
EXPLAIN = f"""
WITH reason AS (
    SELECT j.id, CASE
        WHEN NOT j.dependencies_processed THEN 'Waits for the jobs that must run before it to be determined.'
        WHEN {DEPENDS} THEN 'Waits for a job that must be successful first: ' || (
            SELECT string_agg(o.name || ' (' || o.id || ')', ', ' ORDER BY o.id)
            FROM unified_unifiedjob_dependent_jobs d JOIN unified_unifiedjob o ON o.id = d.to_unifiedjob_id
            WHERE d.from_unifiedjob_id = j.id AND o.status IN {ACTIVE}) || '.'
        WHEN {HELD_UP} THEN 'Waits for what it uses to be updated: ' || (
            SELECT o.name || ' (' || o.id || ')' FROM unified_unifiedjob o WHERE o.lane = ANY(j.waits_on)
            AND o.lane <> '' AND o.status IN {ACTIVE} ORDER BY o.id LIMIT 1) || '.'
        WHEN {BEHIND} THEN 'Waits for an earlier run, beside which it may not run: ' || (
            SELECT o.name || ' (' || o.id || ')' FROM unified_unifiedjob o WHERE o.lane = j.lane AND o.lane <> ''
            AND o.status IN {ACTIVE} AND o.id <> j.id ORDER BY o.id LIMIT 1) || '.'
        WHEN j.preferred_groups <> '{{}}' THEN 'Waits for room in an instance group: ' || coalesce((
            SELECT string_agg(g.name, ', ' ORDER BY g.id) FROM instances_instancegroup g
            WHERE g.id = ANY(j.preferred_groups)), 'its groups are gone') || '.'
        ELSE 'Waits for room on an instance.' END AS text
    FROM unified_unifiedjob j
    WHERE j.status = 'pending' AND j.polymorphic_ctype_id = ANY(%(kinds)s)
)
UPDATE unified_unifiedjob j SET job_explanation = r.text FROM reason r
WHERE j.id = r.id AND j.status = 'pending' AND j.job_explanation <> r.text
"""  # noqa: S608  (constants of this module)


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
