"""hosts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict, translate
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.inventory.access import HostAccess
from apps.inventory.host_filter import FilterError, to_query
from apps.inventory.host_filter.query import sentence
from apps.inventory.models import Host, Inventory
from apps.inventory.serializers.host import HostDetailSerializer, HostSerializer
from apps.inventory.services import counters, deletion, graph, limits
from apps.inventory.services.hosts import smart_inventories_of
from apps.inventory.verbs.facts import FactsView
from apps.inventory.verbs.variables import VariableDataView

EMPTY = ("", "{}", "---")  # variables that say nothing


def inventory_of(parent: Any) -> dict[str, Any]:
    """What is made below a host or a group is of the same inventory."""
    return {"inventory": parent.inventory_id}


def limited_to(parent: Any) -> dict[str, Any]:
    """A command below a host or a group runs there."""
    return {"inventory": parent.inventory_id, "limit": parent.name}


def commands_on(host: Host, user: Any) -> Any:
    """The ad hoc commands that ran on a host."""
    events = host.ad_hoc_command_events.order_by().values("ad_hoc_command_id")
    return registry.by_slug("ad_hoc_commands").model.objects.non_polymorphic().filter(pk__in=events)


@register("hosts")
class Hosts(Resource):
    """Machines."""

    model = Host
    serializer_class = HostDetailSerializer
    list_serializer_class = HostSerializer
    access = HostAccess
    joins = ("inventory__organization",)
    named_by = (("name",), ("inventory__name",), ("inventory__organization__name",))
    filterable = ("smart_inventories",)
    sublists = (
        Sub("groups", attach=True, create=True, fill=inventory_of, role="change"),
        Sub("all_groups", slug="groups", rows=lambda host, user: graph.all_groups(host)),
        Sub("job_events", slug="job_events", source="job_events_as_primary_host"),
        Sub("job_host_summaries", slug="job_host_summaries", source="job_host_summaries"),
        audited(),
        Sub("inventory_sources"),
        Sub("smart_inventories", slug="inventories", rows=lambda host, user: smart_inventories_of(host)),
        Sub("ad_hoc_commands", slug="ad_hoc_commands", rows=commands_on, create=True, fill=limited_to,
            parent_role="adhoc", key=""),
        Sub("ad_hoc_command_events", slug="ad_hoc_command_events", source="ad_hoc_command_events"),
    )  # fmt: skip
    verbs = (Verb("variable_data", VariableDataView), Verb("ansible_facts", FactsView))

    @classmethod
    def optimized(cls, queryset: Any) -> Any:
        """Whether a source brought the host is asked together with the row."""
        links = Host.inventory_sources.through.objects.filter(host=OuterRef("pk"))
        return super().optimized(queryset).annotate(sourced=Exists(links))

    def list(self, request: Request, **kwargs: Any) -> Response:
        """Whatever is wrong with the query is told as `error` in the list of all hosts."""
        if hasattr(self, "sub"):
            return super().list(request, **kwargs)
        try:
            return super().list(request, **kwargs)
        except (APIException, Http404, PermissionDenied, FilterError) as error:
            return Response({"error": sentence(translate(error))}, status=status.HTTP_400_BAD_REQUEST)

    def filter_queryset(self, queryset: Any) -> Any:
        """`host_filter` narrows like any other filter."""
        queryset, text = super().filter_queryset(queryset), self.request.query_params.get("host_filter")
        if not text:
            return queryset
        try:
            return queryset.filter(to_query(text, self.request.user))
        except FilterError as error:
            raise ValidationError({"host_filter": [str(error)]}) from error

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """A new host counts, also against what the organization may have."""
        data = serializer.validated_data
        limits.check_room(data["inventory"].organization, [data["name"]])
        host = Resource.perform_create(self, serializer, **extra)
        counters.count_later([host.inventory_id])
        return host

    def perform_update(self, serializer: Any) -> Any:
        """A host of another name may be one more machine."""
        host = serializer.instance
        if serializer.validated_data.get("name", host.name) != host.name:
            limits.check_room(host.inventory.organization, [serializer.validated_data["name"]])
        host = serializer.save()
        counters.count_later([host.inventory_id])
        return host

    def check_delete(self, obj: Host) -> None:
        """Hosts of a constructed inventory come from its inputs; those of one that goes away go by themselves."""
        if not self.access_for(self.request.user).may("delete", obj):
            return
        if obj.inventory.pending_deletion:
            raise BadRequest({"error": "The inventory of the host is being deleted already."})
        if obj.inventory.kind == "constructed":
            raise BadRequest({"error": "Delete the host in the inventory that it comes from."})
        active = deletion.active_jobs_of(obj.inventory)
        if active:
            raise Conflict({"error": "Jobs are using the inventory of the host.", "active_jobs": active})

    def perform_destroy(self, obj: Any) -> None:
        """The host, and its share of the counts."""
        deletion.delete_host(obj)

    @classmethod
    def attach_existing(cls, user: Any, parent: Any, sub: Sub, data: dict[str, Any]) -> Host | None:
        """POST of a known name without variables to a group's hosts puts that host into the group."""
        name, variables = data.get("name"), data.get("variables") or ""
        if isinstance(parent, Inventory) or not isinstance(name, str) or variables not in EMPTY or "\0" in name:
            return None
        return Host.objects.filter(inventory=parent.inventory_id, name=name.strip()).first()
