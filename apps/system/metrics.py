"""What /metrics/ measures: each metric is a name, a kind, a sentence and its samples; a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone

from apps.conf import live
from apps.core import registry
from apps.instances.models import Instance
from apps.unified.models import UnifiedJob

# metric -> the resource whose rows it counts
COUNTED = {
    "awx_organizations_total": "organizations",
    "awx_users_total": "users",
    "awx_teams_total": "teams",
    "awx_inventories_total": "inventories",
    "awx_projects_total": "projects",
    "awx_job_templates_total": "job_templates",
    "awx_workflow_job_templates_total": "workflow_job_templates",
    "awx_hosts_total": "hosts",
    "awx_schedules_total": "schedules",
}
# parts of AWX that awx_lite has no counterpart for: dashboards made for AWX find them, at zero
ABSENT = (
    "callback_receiver_batch_events_errors",
    "callback_receiver_batch_events_insert_db",
    "callback_receiver_event_processing_avg_seconds",
    "callback_receiver_events_broadcast",
    "callback_receiver_events_in_memory",
    "callback_receiver_events_insert_db_seconds",
    "callback_receiver_events_popped_redis",
    "callback_receiver_events_queue_size_redis",
    "dependency_manager__schedule_calls",
    "dependency_manager__schedule_seconds",
    "dependency_manager_generate_dependencies_seconds",
    "dependency_manager_get_tasks_seconds",
    "dependency_manager_pending_processed",
    "dependency_manager_recorded_timestamp",
    "dispatcher_availability",
    "dispatcher_pool_active_task_count",
    "dispatcher_pool_max_worker_count",
    "dispatcher_pool_scale_up_events",
    "subsystem_metrics_pipe_execute_calls",
    "subsystem_metrics_pipe_execute_seconds",
    "subsystem_metrics_send_metrics_seconds",
    "task_manager__schedule_calls",
    "task_manager__schedule_seconds",
    "task_manager_commit_seconds",
    "task_manager_get_tasks_seconds",
    "task_manager_pending_processed",
    "task_manager_process_pending_tasks_seconds",
    "task_manager_process_running_tasks_seconds",
    "task_manager_recorded_timestamp",
    "task_manager_running_processed",
    "task_manager_start_task_seconds",
    "task_manager_tasks_blocked",
    "task_manager_tasks_started",
    "workflow_manager__schedule_calls",
    "workflow_manager__schedule_seconds",
    "workflow_manager_get_tasks_seconds",
    "workflow_manager_recorded_timestamp",
    "workflow_manager_spawn_workflow_graph_jobs_seconds",
)
Samples = Iterable[tuple[dict[str, str], float]]


@dataclass
class Metric:
    """One metric with its samples: [(labels, value)]."""

    name: str
    help_text: str
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)
    kind: str = "gauge"

    def as_json(self) -> dict[str, Any]:
        """As AWX's JSON has it."""
        samples = [{"labels": labels, "value": value} for labels, value in self.samples]
        return {"help_text": self.help_text, "type": self.kind, "samples": samples}

    def as_text(self) -> str:
        """In Prometheus' text format."""
        lines = [f"# HELP {self.name} {self.help_text}", f"# TYPE {self.name} {self.kind}"]
        for labels, value in self.samples:
            pairs = ",".join(f'{name}="{escaped(text)}"' for name, text in labels.items())
            lines.append(f"{self.name}{'{' + pairs + '}' if pairs else ''} {float(value)}")
        return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """A label's value in the text format."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def collect() -> Iterator[Metric]:
    """Every metric."""
    yield system()
    for name, slug in COUNTED.items():
        yield Metric(name, f"Number of {slug.replace('_', ' ')}", [({}, registry.by_slug(slug).rows().count())])
    yield from jobs()
    yield from instances()
    yield from sessions()
    yield Metric("awx_license_instance_total", "Hosts that the licence allows; 0 for any number", [({}, 0)])
    yield Metric("awx_license_instance_free", "Hosts that the licence still allows; 0 for any number", [({}, 0)])
    yield Metric("awx_database_connections_total", "Open connections to the database", [({}, connections())])
    stored = UnifiedJob.objects.non_polymorphic().aggregate(n=Sum("emitted_events"))["n"] or 0
    yield Metric("callback_receiver_events_insert_db", "Events stored, of the jobs that still exist", [({}, stored)])
    for name in ABSENT:
        yield Metric(name, "A part of AWX that this server does without", [({}, 0)])


def system() -> Metric:
    """One sample whose labels tell about the installation."""
    labels = {
        "insights_analytics": str(live.get("INSIGHTS_TRACKING_STATE")),
        "install_uuid": str(live.get("INSTALL_UUID")),
        "license_type": "open",
        "tower_url_base": str(live.get("TOWER_URL_BASE")),
        "tower_version": settings.AWX_VERSION,
        "pendo_tracking": str(live.get("PENDO_TRACKING_STATE")),
        "external_logger_enabled": str(live.get("LOG_AGGREGATOR_ENABLED")),
        "external_logger_type": str(live.get("LOG_AGGREGATOR_TYPE") or "None"),
    }
    return Metric("awx_system_info", "The installation", [(labels, 1)], "info")


def jobs() -> Iterator[Metric]:
    """Jobs by status, by node, by the way they were launched."""
    rows = UnifiedJob.objects.non_polymorphic().order_by()
    by_status = dict(rows.values_list("status").annotate(n=Count("pk")))
    yield Metric("awx_status_total", "Jobs by status", [({"status": s}, n) for s, n in sorted(by_status.items())])
    yield Metric("awx_running_jobs_total", "Jobs that run", [({}, by_status.get("running", 0))])
    yield Metric("awx_pending_jobs_total", "Jobs that wait to be started", [({}, by_status.get("pending", 0))])
    placed = rows.exclude(execution_node="")
    for name, column, label in (
        ("awx_instance_launch_type_total", "launch_type", "launch_type"),
        ("awx_instance_status_total", "status", "status"),
    ):
        counts = placed.values_list("execution_node", column).annotate(n=Count("pk")).order_by("execution_node", column)
        yield Metric(name, f"Jobs by instance and {label}", [({"node": n, label: v}, c) for n, v, c in counts])


def instances() -> Iterator[Metric]:
    """What each instance has, and how much of it is taken."""
    found = list(Instance.objects.order_by("hostname"))
    active = UnifiedJob.objects.non_polymorphic().filter(status__in=("running", "waiting")).order_by()
    taken = dict(active.values_list("execution_node").annotate(n=Sum("task_impact")))
    labels = {row.pk: {"hostname": row.hostname, "instance_uuid": str(row.uuid)} for row in found}

    def gauge(name: str, help_text: str, value: Any) -> Metric:
        return Metric(name, help_text, [(labels[row.pk], value(row)) for row in found])

    yield gauge("awx_instance_capacity", "Capacity in forks", lambda row: row.capacity)
    yield gauge("awx_instance_cpu", "Processors", lambda row: row.cpu)
    yield gauge("awx_instance_memory", "Memory in bytes", lambda row: row.memory)
    yield gauge("awx_instance_consumed_capacity", "Capacity in use", lambda row: taken.get(row.hostname, 0))
    yield gauge(
        "awx_instance_remaining_capacity", "Capacity left", lambda row: row.capacity - taken.get(row.hostname, 0)
    )
    info: list[tuple[dict[str, str], float]] = [
        (labels[row.pk] | {"enabled": str(row.enabled), "managed_by_policy": str(row.managed_by_policy),
                           "version": row.version}, 1)
        for row in found
    ]  # fmt: skip
    yield Metric("awx_instance_info", "The instances", info, "info")


def sessions() -> Iterator[Metric]:
    """Browser sessions that are open."""
    count = Session.objects.filter(expire_date__gt=timezone.now()).count()
    yield Metric("awx_sessions_total", "Open sessions", [({"type": "all"}, count)])


def connections() -> int:
    """Connections to this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]
