"""The facts: small JSON documents, each by a constant number of queries. Counts and names, nothing secret."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Count, Q, Sum
from django.utils import timezone

from apps.conf import live
from apps.core import registry
from apps.core.serializers import iso
from apps.identity.models import Organization
from apps.instances.models import Instance
from apps.rbac.models import RoleUserAssignment
from apps.system.metrics import connections
from apps.unified.models import UnifiedJob

# key of counts.json -> the resource whose rows it counts
COUNTED = {
    "organization": "organizations", "team": "teams", "user": "users", "inventory": "inventories", "host": "hosts",
    "credential": "credentials", "project": "projects", "job_template": "job_templates",
    "workflow_job_template": "workflow_job_templates", "schedule": "schedules",
    "notification_template": "notification_templates", "execution_environment": "execution_environments",
    "label": "labels", "application": "applications",
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """The time that is reported, and why."""

    since: datetime
    until: datetime
    kind: str  # manual or scheduled

    @property
    def values(self) -> dict[str, datetime]:
        """For SQL."""
        return {"since": self.since, "until": self.until}


@dataclass(frozen=True)
class Fact:
    """One document."""

    name: str
    version: str
    collect: Callable[[Window], Any]


def rows(slug: str) -> Any:
    """All rows of a resource, in no order."""
    return registry.by_slug(slug).rows().order_by()


def config(window: Window) -> dict[str, Any]:
    """The installation."""
    first = Instance.objects.filter(hostname=settings.CLUSTER_HOST_ID).first()
    return {
        "platform": {"system": platform.system(), "release": platform.release(), "type": "traditional"},
        "install_uuid": str(live.get("INSTALL_UUID")),
        "instance_uuid": str(first.uuid) if first else "",
        "tower_url_base": live.get("TOWER_URL_BASE"),
        "tower_version": settings.AWX_VERSION,
        "license_type": "open",
        "free_instances": 0,
        "total_licensed_instances": 0,
        "license_expiry": 0,
        "pendo_tracking": live.get("PENDO_TRACKING_STATE"),
        "external_logger_enabled": live.get("LOG_AGGREGATOR_ENABLED"),
        "external_logger_type": live.get("LOG_AGGREGATOR_TYPE"),
        "authentication_backends": list(settings.AUTHENTICATION_BACKENDS),
    }


def counts(window: Window) -> dict[str, Any]:
    """How many of each kind there are."""
    kinds = rows("inventories").values_list("kind").annotate(n=Count("pk"))
    active = UnifiedJob.objects.non_polymorphic().order_by().filter(status__in=("running", "pending"))
    by_status = dict(active.values_list("status").annotate(n=Count("pk")))
    sessions = Session.objects.filter(expire_date__gt=timezone.now()).count()
    return {name: rows(slug).count() for name, slug in COUNTED.items()} | {
        "inventories": {kind or "normal": number for kind, number in kinds},
        "unified_job": UnifiedJob.objects.non_polymorphic().order_by().count(),
        "active_host_count": rows("hosts").values("name").distinct().count(),
        "active_sessions": sessions,
        "active_user_sessions": sessions,
        "active_anonymous_sessions": 0,
        "running_jobs": by_status.get("running", 0),
        "pending_jobs": by_status.get("pending", 0),
        "database_connections": connections(),
    }


def org_counts(window: Window) -> dict[str, Any]:
    """Users and teams of each organization."""
    kind = ContentType.objects.get_for_model(Organization)
    held = RoleUserAssignment.objects.filter(content_type=kind).order_by().values_list("object_id")
    users = dict(held.annotate(n=Count("user", distinct=True)))
    found = Organization.objects.order_by("pk").annotate(number=Count("teams")).values_list("pk", "name", "number")
    return {str(pk): {"name": name, "users": users.get(pk, 0), "teams": teams} for pk, name, teams in found}


def cred_type_counts(window: Window) -> dict[str, Any]:
    """Credentials of each type."""
    found = rows("credential_types").annotate(number=Count("credentials")).order_by("pk")
    columns = ("pk", "name", "number", "managed")
    return {
        str(pk): {"name": name, "credential_count": number, "managed": managed}
        for pk, name, number, managed in found.values_list(*columns)
    }


def inventory_counts(window: Window) -> dict[str, Any]:
    """Hosts and sources of each inventory."""
    sources = defaultdict(list)
    of = rows("inventory_sources").annotate(number=Count("hosts")).order_by("pk")
    for inventory, name, source, number in of.values_list("inventory_id", "name", "source", "number"):
        sources[inventory].append({"name": name, "source": source, "num_hosts": number})
    found = rows("inventories").order_by("pk").values_list("pk", "name", "kind", "total_hosts")
    return {
        str(pk): {
            "name": name,
            "kind": kind,
            "hosts": hosts,
            "sources": len(sources[pk]),
            "source_list": sources[pk],
        }
        for pk, name, kind, hosts in found.iterator(2000)
    }


def projects_by_scm_type(window: Window) -> dict[str, int]:
    """Projects by where they come from."""
    found = dict(rows("projects").values_list("scm_type").annotate(n=Count("pk")))
    return {kind or "manual": found.get(kind, 0) for kind in ("", "git", "svn", "archive", "insights")}


def query_info(window: Window) -> dict[str, Any]:
    """What was asked."""
    return {"last_run": iso(window.since), "current_time": iso(window.until), "collection_type": window.kind}


def created_within(window: Window) -> Any:
    """Jobs made in the time that is reported."""
    every = UnifiedJob.objects.non_polymorphic().order_by()
    return every.filter(created__gte=window.since, created__lt=window.until)


def job_counts(window: Window) -> dict[str, Any]:
    """Jobs by status and by what launched them."""
    jobs = created_within(window)
    return {
        "total_jobs": jobs.count(),
        "status": dict(jobs.values_list("status").annotate(n=Count("pk"))),
        "launch_type": dict(jobs.values_list("launch_type").annotate(n=Count("pk"))),
    }


def job_instance_counts(window: Window) -> dict[str, Any]:
    """The same by instance."""
    out: dict[str, Any] = defaultdict(lambda: {"status": {}, "launch_type": {}})
    jobs = created_within(window).exclude(execution_node="")
    for column in ("status", "launch_type"):
        for node, value, number in jobs.values_list("execution_node", column).annotate(n=Count("pk")):
            out[node][column][value] = number
    return dict(out)


def instance_info(window: Window) -> dict[str, Any]:
    """What each instance has, and how much of it is taken."""
    active = UnifiedJob.objects.non_polymorphic().filter(status__in=("running", "waiting")).order_by()
    taken = dict(active.values_list("execution_node").annotate(n=Sum("task_impact", filter=Q(task_impact__gt=0))))
    return {
        str(row.uuid): {
            "uuid": str(row.uuid),
            "version": row.version,
            "capacity": row.capacity,
            "cpu": float(row.cpu),
            "memory": row.memory,
            "managed_by_policy": row.managed_by_policy,
            "enabled": row.enabled,
            "consumed_capacity": taken.get(row.hostname) or 0,
            "remaining_capacity": row.capacity - (taken.get(row.hostname) or 0),
            "node_type": row.node_type,
        }
        for row in Instance.objects.order_by("hostname")
    }


FACTS = (
    Fact("config", "1.6", config),
    Fact("counts", "1.2", counts),
    Fact("org_counts", "1.0", org_counts),
    Fact("cred_type_counts", "1.0", cred_type_counts),
    Fact("inventory_counts", "1.2", inventory_counts),
    Fact("projects_by_scm_type", "1.0", projects_by_scm_type),
    Fact("query_info", "1.0", query_info),
    Fact("job_counts", "1.0", job_counts),
    Fact("job_instance_counts", "1.0", job_instance_counts),
    Fact("instance_info", "1.2", instance_info),
)
