"""/dashboard/: how much of everything there is, and how much of it failed; each kind is one counting query."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.links import list_url, page_url
from apps.core.registry import page
from apps.core.views import PageView

FAILED = ("failed", "error", "canceled")
SCM_LABELS = {"git": "Git", "svn": "Subversion", "archive": "Remote Archive"}
FAILURES = Count("pk", filter=Q(status__in=FAILED))
PLAIN = {
    "users": "users",
    "organizations": "organizations",
    "teams": "teams",
    "credentials": "credentials",
    "job_templates": "job_templates",
}

SHOWN = ("hosts", "inventories", "projects", "job_templates", "credentials", "organizations", "teams", "users")


def seen(slug: str, user: Any) -> Any:
    """The rows of a resource that the user may see."""
    resource = registry.by_slug(slug)
    return resource.access_for(user).visible(resource.model._default_manager.all()).order_by()


def inventories(user: Any) -> dict[str, Any]:
    """Inventories, those with sources, those with failures."""
    counts = seen("inventories", user).aggregate(
        total=Count("pk"),
        sourced=Count("pk", filter=Q(has_inventory_sources=True)),
        hosts_failed=Count("pk", filter=Q(hosts_with_active_failures__gt=0)),
        sources_failed=Count("pk", filter=Q(inventory_sources_with_failures__gt=0)),
    )
    return {
        "url": list_url("inventories"),
        "total": counts["total"],
        "total_with_inventory_source": counts["sourced"],
        "job_failed": counts["hosts_failed"],
        "inventory_failed": counts["sources_failed"],
    }


def sources(user: Any) -> dict[str, Any]:
    """Inventory sources of the kind that AWX counts: Amazon's."""
    counts = seen("inventory_sources", user).filter(source="ec2")
    found = counts.aggregate(total=Count("pk"), failed=Count("pk", filter=Q(status__in=FAILED)))
    url = f"{list_url('inventory_sources')}?source=ec2"
    return {"ec2": {"url": url, "failures_url": f"{url}&status=failed", "label": "Amazon EC2", **found}}


def hosts(user: Any) -> dict[str, Any]:
    """Hosts, and those whose last job failed."""
    counts = seen("hosts", user).aggregate(
        total=Count("pk"), failed=Count("pk", filter=Q(last_job_host_summary__failed=True))
    )
    url = list_url("hosts")
    return {"url": url, "failures_url": f"{url}?last_job_host_summary__failed=True", **counts}


def projects(user: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Projects, and the same by kind of source control."""
    rows = (
        seen("projects", user)
        .values_list("scm_type")
        .annotate(n=Count("pk"), f=Count("pk", filter=Q(status__in=FAILED)))
    )
    found = {kind: (number, failed) for kind, number, failed in rows}
    url, by_kind = list_url("projects"), {}
    for kind, label in SCM_LABELS.items():
        number, failed = found.get(kind, (0, 0))
        here = f"{url}?scm_type={kind}"
        failures = f"{here}&last_job_failed=True"
        by_kind[kind] = {"url": here, "label": label, "failures_url": failures, "total": number, "failed": failed}
    total, failed = (sum(pair[i] for pair in found.values()) for i in (0, 1))
    return {"url": url, "failures_url": f"{url}?last_job_failed=True", "total": total, "failed": failed}, by_kind


@page("dashboard/", root="dashboard")
class DashboardView(PageView):
    """The counts that the user's rights let him see."""

    title = "Dashboard"
    page_template = "system/dashboard.html"

    def page_context(self, data: dict[str, Any]) -> dict[str, Any]:
        """The counts that the page shows large."""
        counted = [(name, data[name]) for name in SHOWN]
        return {
            "counts": [
                {
                    "label": name.replace("_", " ").capitalize(),
                    "url": entry["url"],
                    "total": entry["total"],
                    "failed": entry.get("failed", 0),
                }
                for name, entry in counted
            ]
        }

    def get(self, request: Request) -> Response:
        """All counts."""
        user = request.user
        all_projects, by_kind = projects(user)
        body: dict[str, Any] = {
            "related": {"jobs_graph": page_url("dashboard/graphs/jobs/")},
            "inventories": inventories(user),
            "inventory_sources": sources(user),
            "groups": {"url": list_url("groups"), "total": seen("groups", user).count(), "inventory_failed": 0},
            "hosts": hosts(user),
            "projects": all_projects,
            "scm_types": by_kind,
        }
        for name, slug in PLAIN.items():
            body[name] = {"url": list_url(slug), "total": seen(slug, user).count()}
        return Response(body)
