"""groups."""

from __future__ import annotations

from typing import Any

from apps.core import registry
from apps.core.audit import audited
from apps.core.errors import BadRequest
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.inventory.access import GroupAccess
from apps.inventory.models import Group, Inventory
from apps.inventory.serializers.host import GroupDetailSerializer, GroupSerializer
from apps.inventory.services import counters, deletion, graph
from apps.inventory.verbs.variables import VariableDataView

from .hosts import inventory_of, limited_to


def of_hosts(slug: str) -> Any:
    """Rows of an upper resource that point to a host in the group, at any depth."""

    def rows(group: Group, user: Any) -> Any:
        return registry.by_slug(slug).model.objects.filter(host__in=graph.all_hosts(group).order_by().values("pk"))

    return rows


def commands_in(group: Group, user: Any) -> Any:
    """The ad hoc commands that ran on hosts of a group."""
    events = registry.by_slug("ad_hoc_command_events").model.objects
    found = (
        events.filter(host__in=graph.all_hosts(group).order_by().values("pk")).order_by().values("ad_hoc_command_id")
    )
    return registry.by_slug("ad_hoc_commands").model.objects.non_polymorphic().filter(pk__in=found)


def put_into(user: Any, parent: Group, child: Group) -> None:
    """A group is not put into itself, nor into what is below it."""
    # two that would close a circle together wait for each other here
    Inventory.objects.select_for_update(no_key=True).get(pk=parent.inventory_id)
    if graph.would_cycle(parent, child):
        raise BadRequest({"error": "This would put the group into itself."})
    parent.children.add(child)


@register("groups")
class Groups(Resource):
    """Sets of hosts within an inventory."""

    model = Group
    serializer_class = GroupDetailSerializer
    list_serializer_class = GroupSerializer
    access = GroupAccess
    joins = ("inventory__organization",)
    named_by = (("name",), ("inventory__name",), ("inventory__organization__name",))
    sublists = (
        Sub("hosts", attach=True, create=True, fill=inventory_of, role="change"),
        Sub("potential_children", slug="groups", rows=lambda group, user: graph.potential_children(group)),
        Sub("children", attach=True, create=True, fill=inventory_of, role="change", on_attach=put_into),
        Sub("all_hosts", slug="hosts", rows=lambda group, user: graph.all_hosts(group)),
        Sub("job_events", slug="job_events", rows=of_hosts("job_events")),
        Sub("job_host_summaries", slug="job_host_summaries", rows=of_hosts("job_host_summaries")),
        audited(),
        Sub("inventory_sources"),
        Sub("ad_hoc_commands", slug="ad_hoc_commands", rows=commands_in, create=True, fill=limited_to,
            parent_role="adhoc", key=""),
    )  # fmt: skip
    verbs = (Verb("variable_data", VariableDataView),)

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """A new group counts."""
        group = Resource.perform_create(self, serializer, **extra)
        counters.count_later([group.inventory_id])
        return group

    def perform_destroy(self, obj: Any) -> None:
        """With it goes what is only below it."""
        deletion.delete_group(obj)
