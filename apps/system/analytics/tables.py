"""The tables: CSV files in AWX's columns, written by COPY. What may hold a secret (variables, output) is left out."""

from __future__ import annotations

from dataclasses import dataclass

# Events are stored in partitions by the day of their job; no job runs longer than a week.
EVENTS = """
SELECT e.id, e.created, e.modified, e.job_created, e.uuid, e.parent_uuid, e.event,
  e.event_data ->> 'task_action' AS task_action, e.event_data ->> 'resolved_action' AS resolved_action,
  e.event_data ->> 'resolved_role' AS resolved_role, e.failed, e.changed, e.playbook, e.play, e.task, e.role,
  e.job_id, e.host_id, e.host_name, e.event_data ->> 'start' AS start, e.event_data ->> 'end' AS "end",
  e.event_data ->> 'duration' AS duration
FROM unified_jobevent e
WHERE e.job_created >= %(since)s - interval '7 days' AND e.job_created < %(until)s
  AND e.created >= %(since)s AND e.created < %(until)s
"""
UNIFIED_JOBS = """
SELECT j.id, j.polymorphic_ctype_id, c.model, j.organization_id, o.name AS organization_name,
  coalesce(b.inventory_id, u.inventory_id, a.inventory_id) AS inventory_id, i.name AS inventory_name,
  j.created, j.name, j.unified_job_template_id, j.launch_type, j.schedule_id, j.execution_node, j.controller_node,
  j.cancel_flag, j.status, j.failed, j.started, j.finished, j.elapsed, j.job_explanation, j.instance_group_id,
  j.installed_collections, j.ansible_version, b.forks, b.job_slice_count, b.job_slice_number,
  coalesce(b.project_id, p.project_id) AS project_id, j.execution_environment_id
FROM unified_unifiedjob j
JOIN django_content_type c ON c.id = j.polymorphic_ctype_id
LEFT JOIN jobs_job b ON b.unifiedjob_ptr_id = j.id
LEFT JOIN inventory_inventoryupdate u ON u.unifiedjob_ptr_id = j.id
LEFT JOIN jobs_adhoccommand a ON a.unifiedjob_ptr_id = j.id
LEFT JOIN projects_projectupdate p ON p.unifiedjob_ptr_id = j.id
LEFT JOIN inventory_inventory i ON i.id = coalesce(b.inventory_id, u.inventory_id, a.inventory_id)
LEFT JOIN identity_organization o ON o.id = j.organization_id
WHERE (j.created >= %(since)s AND j.created < %(until)s) OR (j.finished >= %(since)s AND j.finished < %(until)s)
"""
UNIFIED_JOB_TEMPLATES = """
SELECT t.id, t.polymorphic_ctype_id, c.model, t.created, t.modified, t.created_by_id, t.modified_by_id, t.name,
  t.current_job_id, t.last_job_id, t.last_job_failed, t.last_job_run, t.next_job_run, t.next_schedule_id, t.status
FROM unified_unifiedjobtemplate t JOIN django_content_type c ON c.id = t.polymorphic_ctype_id ORDER BY t.id
"""
LINKS = """
  ARRAY(SELECT to_{kind}_id FROM workflows_{kind}_{link}_nodes l WHERE l.from_{kind}_id = n.id ORDER BY 1)
    AS {link}_nodes
"""
NODES = """
SELECT n.id, n.created, n.modified, {columns}, n.unified_job_template_id, n.inventory_id,
  n.all_parents_must_converge, {links}
FROM workflows_{kind} n
"""
RECENT = " WHERE n.created >= %(since)s AND n.created < %(until)s"
HOST_METRICS = """
SELECT id, hostname, first_automation, last_automation, last_deleted, automated_counter, deleted_counter, deleted,
  used_in_inventories
FROM inventory_hostmetric
WHERE (last_automation >= %(since)s AND last_automation < %(until)s)
  OR (last_deleted >= %(since)s AND last_deleted < %(until)s)
"""
HOST_SUMMARIES = """
SELECT s.id, s.created, s.modified, s.job_id, s.host_id, s.host_name, s.changed, s.dark, s.failures, s.ok,
  s.processed, s.skipped, s.failed, s.ignored, s.rescued
FROM jobs_jobhostsummary s
JOIN unified_unifiedjob j ON j.id = s.job_id
WHERE j.finished >= %(since)s AND j.finished < %(until)s
"""


def nodes(kind: str, columns: str) -> str:
    """The query of one kind of workflow nodes, with the ids of what follows each."""
    links = ",".join(LINKS.format(kind=kind, link=link) for link in ("success", "failure", "always"))
    return NODES.format(kind=kind, columns=columns, links=links)


@dataclass(frozen=True)
class Table:
    """One CSV file, or several slices of it."""

    name: str
    version: str
    sql: str


TABLES = (
    Table("events_table", "1.5", EVENTS),
    Table("unified_jobs_table", "1.4", UNIFIED_JOBS),
    Table("unified_job_template_table", "1.1", UNIFIED_JOB_TEMPLATES),
    Table(
        "workflow_job_node_table",
        "1.0",
        nodes("workflowjobnode", "n.job_id, n.workflow_job_id, n.do_not_run") + RECENT,
    ),
    Table("workflow_job_template_node_table", "1.0", nodes("workflowjobtemplatenode", "n.workflow_job_template_id")),
    Table("host_metric_table", "1.0", HOST_METRICS),
    Table("job_host_summary_table", "1.2", HOST_SUMMARIES),
)
