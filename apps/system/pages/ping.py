"""/ping/: whether the server is there, and on which instances it runs jobs; open to everyone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core import prefixes
from apps.core.prepared import Prepared
from apps.core.registry import page
from apps.core.serializers import iso
from apps.core.views import PageView
from apps.instances.models import Instance, InstanceGroup

INSTANCES = Prepared(lambda: Instance.objects.order_by("hostname"))
MEMBERS = Prepared(
    lambda: InstanceGroup.instances.through.objects.order_by("instance__hostname").values_list(
        "instancegroup__name", "instance__hostname"
    )
)
NAMES = Prepared(lambda: InstanceGroup.objects.order_by("name").values_list("name", flat=True))


def instances() -> list[dict[str, Any]]:
    """Every instance, by name."""
    return [
        {
            "node": row.hostname,
            "node_type": row.node_type,
            "uuid": str(row.uuid),
            "heartbeat": iso(row.last_seen),
            "capacity": row.capacity,
            "version": row.version,
        }
        for row in INSTANCES()
    ]


def groups(capacities: dict[str, int]) -> list[dict[str, Any]]:
    """Every instance group with its instances, by name; two queries."""
    members: dict[str, list[str]] = defaultdict(list)
    for name, hostname in MEMBERS():
        members[name].append(hostname)
    return [
        {"name": name, "capacity": sum(capacities.get(host, 0) for host in members[name]), "instances": members[name]}
        for name in NAMES()
    ]


def gateway() -> dict[str, Any]:
    """What clients of the platform's gateway look at; the instances have just been read from the database."""
    return {"pong": iso(timezone.now()), "status": "good", "db_connected": True, "proxy_connected": True}


@page("ping/", root="ping")
class PingView(PageView):
    """The state of the installation in short."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    title = "Ping"

    def get(self, request: Request) -> Response:
        """Version, instances, groups."""
        nodes = instances()
        body = {
            "ha": len(nodes) > 1,
            "version": settings.AWX_VERSION,
            "active_node": settings.CLUSTER_HOST_ID,
            "install_uuid": live.get("INSTALL_UUID"),
            "instances": nodes,
            "instance_groups": groups({node["node"]: node["capacity"] for node in nodes}),
        }
        return Response(body | (gateway() if prefixes.current() is prefixes.GATEWAY else {}))
