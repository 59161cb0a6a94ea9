"""What /metrics/ measures: each metric is a name, a kind, a sentence and its samples; a constant number of queries."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
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
MANY_JOBS, KEPT_FOR, MOST_SECONDS = 20_000, 60, 30.0  # counts of so many are kept for so many times as they took


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


@dataclass
class Tally:
    """How many jobs there are by node, status and launch type: one look at the table answers every question."""

    rows: list[tuple[str, str, str, int]]
    until: float = 0.0

    @classmethod
    def now(cls) -> Tally:
        """Count; where there are very many jobs, the counts are kept for some seconds."""
        begun = time.monotonic()
        if _kept and begun < _kept[0].until:
            return _kept[0]
        columns = ("execution_node", "status", "launch_type")
        grouped = UnifiedJob.objects.non_polymorphic().order_by().values_list(*columns).annotate(n=Count("pk"))
        made = cls(sorted(grouped))
        _kept.clear()
        if sum(row[-1] for row in made.rows) > MANY_JOBS:
            made.until = begun + min(KEPT_FOR * (time.monotonic() - begun), MOST_SECONDS)
            _kept.append(made)
        return made

    def by(self, *places: int, placed: bool = False) -> list[tuple[Any, ...]]:
        """Sums by some of the columns, in their order; `placed`: of jobs that have a node."""
        sums: Counter[tuple[str, ...]] = Counter()
        for row in self.rows:
            if row[0] or not placed:
                sums[tuple(str(row[place]) for place in places)] += row[-1]
        return [(*key, number) for key, number in sorted(sums.items())]


_kept: list[Tally] = []


def jobs() -> Iterator[Metric]:
    """Jobs by status, by node, by the way they were launched."""
    tally = Tally.now()
    by_status = dict(tally.by(1))
    yield Metric("awx_status_total", "Jobs by status", [({"status": s}, n) for s, n in by_status.items()])
    yield Metric("awx_running_jobs_total", "Jobs that run", [({}, by_status.get("running", 0))])
    yield Metric("awx_pending_jobs_total", "Jobs that wait to be started", [({}, by_status.get("pending", 0))])
    for name, place, label in (
        ("awx_instance_launch_type_total", 2, "launch_type"),
        ("awx_instance_status_total", 1, "status"),
    ):
        counts = tally.by(0, place, placed=True)
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
