"""What a run did to its hosts, from its events, by sets: counts, summaries, the hosts' last job."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection, transaction

from apps.inventory.services.counters import count_later
from apps.inventory.services.hosts import hosts_of
from apps.jobs.models import AdHocCommand, Job
from apps.unified.events.rows import of_job

STATES = ("skipped", "ok", "changed", "failures", "dark")  # of a host in several, the last one counts
# event of an ad hoc command -> the state of its host
COMMAND_STATES = {
    "runner_on_ok": "ok",
    "runner_on_failed": "failures",
    "runner_on_unreachable": "dark",
    "runner_on_skipped": "skipped",
}
# %s: a sub-query of the inventory's hosts (id, name)
SUMMARIES = """
WITH stats AS (
    SELECT event_data AS d FROM unified_jobevent WHERE job_id = %s AND job_created = %s AND event = 'playbook_on_stats'
    ORDER BY counter DESC LIMIT 1
), counted AS (
    SELECT name, max(n) FILTER (WHERE kind = 'changed') AS changed, max(n) FILTER (WHERE kind = 'dark') AS dark,
        max(n) FILTER (WHERE kind = 'failures') AS failures, max(n) FILTER (WHERE kind = 'ignored') AS ignored,
        max(n) FILTER (WHERE kind = 'ok') AS ok, max(n) FILTER (WHERE kind = 'processed') AS processed,
        max(n) FILTER (WHERE kind = 'rescued') AS rescued, max(n) FILTER (WHERE kind = 'skipped') AS skipped
    FROM stats, LATERAL unnest(
        ARRAY['changed', 'dark', 'failures', 'ignored', 'ok', 'processed', 'rescued', 'skipped']) AS k(kind),
        LATERAL (
            SELECT key AS name, value::int AS n
            FROM jsonb_each_text(CASE jsonb_typeof(d -> kind) WHEN 'object' THEN d -> kind ELSE '{}' END)
        ) AS e
    GROUP BY name
)
INSERT INTO jobs_jobhostsummary (created, modified, job_id, host_id, constructed_host_id, host_name, changed, dark,
    failures, ignored, ok, processed, rescued, skipped, failed)
SELECT now(), now(), %s, {host}, {constructed}, left(c.name, 1024), coalesce(c.changed, 0), coalesce(c.dark, 0),
    coalesce(c.failures, 0), coalesce(c.ignored, 0), coalesce(c.ok, 0), coalesce(c.processed, 0),
    coalesce(c.rescued, 0), coalesce(c.skipped, 0), coalesce(c.failures, 0) > 0 OR coalesce(c.dark, 0) > 0
FROM counted c LEFT JOIN ({hosts}) AS h(id, name, origin) ON h.name = c.name
ORDER BY c.name
ON CONFLICT (job_id, host_name) DO NOTHING
"""
LAST = """
UPDATE inventory_host h SET last_job_id = s.job_id, last_job_host_summary_id = s.id
FROM jobs_jobhostsummary s
WHERE s.job_id = %s AND h.id = s.{column} AND (h.last_job_id IS NULL OR h.last_job_id <= s.job_id)
"""


def write(job: Job) -> None:
    """Summaries and counts of a finished job; doing it twice changes nothing."""
    with transaction.atomic():
        if job.inventory is not None:
            summarize(job)
        data = of_job(job).filter(event="playbook_on_stats").order_by("-counter").values_list("event_data", flat=True)
        stats = data.first() or {}
        job.host_status_counts = status_counts(stats)
        artifacts = stats.get("artifact_data")
        job.artifacts = artifacts if isinstance(artifacts, dict) else {}
        job.save(update_fields=["host_status_counts", "artifacts"])
    count_later([job.inventory_id])


def summarize(job: Job) -> None:
    """One row a host, and the hosts' links to it. Of a constructed inventory the original host counts too."""
    constructed = job.inventory.kind == "constructed"
    origin = "CASE WHEN instance_id ~ '^[0-9]{1,18}$' THEN instance_id::bigint END" if constructed else "id"
    hosts, params = hosts_of(job.inventory).order_by().values("pk").query.sql_with_params()
    sql = SUMMARIES.replace("{host}", "o.id" if constructed else "h.id")
    sql = sql.replace("{constructed}", "h.id" if constructed else "NULL::bigint")
    known = f"SELECT id, name, {origin} FROM inventory_host WHERE id IN ({hosts})"  # noqa: S608  (Django's own SQL)
    sql = sql.replace("{hosts}", known)
    if constructed:
        sql = sql.replace("ON h.name = c.name", "ON h.name = c.name LEFT JOIN inventory_host o ON o.id = h.origin")
    with connection.cursor() as cursor:
        cursor.execute(sql, [job.pk, job.created, job.pk, *params])
        cursor.execute(LAST.replace("{column}", "host_id"), [job.pk])
        if constructed:
            cursor.execute(LAST.replace("{column}", "constructed_host_id"), [job.pk])


def status_counts(stats: dict[str, Any]) -> dict[str, int]:
    """How many hosts ended in each state."""
    states: dict[str, str] = {}
    for state in STATES:
        states |= dict.fromkeys(stats.get(state) or {}, state)
    return dict(Counter(states.values()))


def count_hosts(command: AdHocCommand) -> None:
    """The same of an ad hoc command, which has no closing event."""
    rows = (
        of_job(command)
        .filter(event__in=COMMAND_STATES)
        .order_by("counter")
        .values_list("host_name", "event", "changed")
    )
    states = {
        host: "changed" if changed and event == "runner_on_ok" else COMMAND_STATES[event]
        for host, event, changed in rows.iterator(chunk_size=2000)
    }
    command.host_status_counts = dict(Counter(states.values()))
    command.save(update_fields=["host_status_counts"])
