"""inventories and constructed_inventories."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.identity.sublists import LABELS, ROLES
from apps.inventory.access import InventoryAccess
from apps.inventory.models import Inventory
from apps.inventory.serializers.inventory import ConstructedInventorySerializer, InventorySerializer
from apps.inventory.services import counters, deletion, graph, moving
from apps.inventory.services.constructed import give_source
from apps.inventory.services.copying import copy_contents_later
from apps.inventory.services.hosts import hosts_of
from apps.inventory.verbs.script import ScriptView
from apps.inventory.verbs.tree import TreeView
from apps.inventory.verbs.update import UpdateSourcesView
from apps.inventory.verbs.variables import VariableDataView

SUMMARY = (
    "id", "name", "description", "has_active_failures", "total_hosts", "hosts_with_active_failures", "total_groups",
    "has_inventory_sources", "total_inventory_sources", "inventory_sources_with_failures", "organization_id", "kind",
)  # fmt: skip


def hosts_below(inventory: Inventory, user: Any) -> Any:
    """Its hosts; for a smart one those of other inventories, which its readers see."""
    return hosts_of(inventory)


def input_rows(inventory: Inventory, user: Any) -> Any:
    """What a constructed inventory is made of, in order."""
    rows = Inventory.objects.filter(pk__in=inventory.constructed_inventory_memberships.values("input_inventory"))
    through = Inventory.input_inventories.through.objects.filter(constructed_inventory=inventory)
    place = through.filter(input_inventory=OuterRef("pk")).order_by("position", "pk").values("position")[:1]
    return rows.annotate(place=Subquery(place)).order_by("place", "pk")


def plain_only(user: Any, inventory: Inventory, child: Inventory) -> None:
    """What is constructed is not an input itself."""
    if child.kind == "constructed":
        raise BadRequest({"error": "A constructed inventory cannot be made of another constructed one."})


def stays_in_place(user: Any, inventory: Inventory, child: Any) -> None:
    """Nothing is put into an inventory that computes its hosts."""
    if inventory.is_computed and child.inventory_id != inventory.pk:
        raise BadRequest({"detail": f"Nothing can be put into a {inventory.kind} inventory by hand."})


HOSTS: dict[str, Any] = {
    "create": True,
    "attach": True,
    "key": "inventory",
    "role": "change",
    "check_attach": stays_in_place,
}


@register("inventories")
class Inventories(Resource):
    """Sets of hosts."""

    model = Inventory
    serializer_class = InventorySerializer
    access = InventoryAccess
    joins = ("organization",)
    named_by = (("name",), ("organization__name",))
    summary = SUMMARY
    root = "inventory"
    copies = ("labels", "instance_groups")
    copy_resets = (
        "pending_deletion", "has_active_failures", "total_hosts", "hosts_with_active_failures", "total_groups",
        "has_inventory_sources", "total_inventory_sources", "inventory_sources_with_failures",
    )  # fmt: skip
    unlinked = ("input_inventories",)
    sublists = (
        Sub("hosts", rows=hosts_below, on_attach=moving.move_host, on_detach=moving.remove_host, **HOSTS),
        Sub("groups", on_attach=moving.move_group, on_detach=moving.remove_group, **HOSTS),
        Sub("root_groups", slug="groups", rows=lambda inventory, user: graph.root_groups(inventory),
            on_attach=moving.move_group, on_detach=moving.remove_group, **HOSTS),
        Sub("inventory_sources", create=True, key="inventory"),
        Sub("job_templates", slug="job_templates", source="jobtemplates"),
        Sub("ad_hoc_commands", slug="ad_hoc_commands", source="ad_hoc_commands", create=True, key="inventory",
            parent_role="adhoc"),
        Sub("instance_groups", attach=True, ordered=True, role="use"),
        Sub("input_inventories", rows=input_rows, attach=True, ordered=True, role="use", check_attach=plain_only),
        LABELS,
        audited(),
        *ROLES,
    )  # fmt: skip
    verbs = (
        Verb("variable_data", VariableDataView),
        Verb("script", ScriptView),
        Verb("tree", TreeView),
        Verb("update_inventory_sources", UpdateSourcesView),
    )

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """A kind stays, except that a smart inventory may become a plain one."""
        wanted = request.data.get("kind") if isinstance(request.data, dict) else None
        if wanted and self.get_object().kind != wanted:
            body = {"error": "The kind of an inventory cannot be changed."}
            return Response(body, status=status.HTTP_405_METHOD_NOT_ALLOWED)
        return super().update(request, pk, partial=partial)

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """A smart inventory counts its hosts at once."""
        inventory = super().perform_create(serializer, **extra)
        if inventory.kind == "smart":
            counters.count_smart([inventory.pk])
            inventory.refresh_from_db()
        elif inventory.kind == "constructed":
            give_source(inventory)
        return inventory

    def perform_update(self, serializer: Any) -> Any:
        """A changed filter changes the hosts; a changed organization that of the sources."""
        inventory = serializer.save()
        if "organization" in serializer.validated_data:
            for source in inventory.inventory_sources.exclude(organization=inventory.organization_id):
                source.save(update_fields=["organization"])
        counters.count_later([inventory.pk])
        return inventory

    def check_delete(self, obj: Any) -> None:
        """Not twice, and not while jobs run on it."""
        if not self.access_for(self.request.user).may("delete", obj):
            return
        if obj.pending_deletion:
            raise BadRequest({"error": "The inventory is being deleted already."})
        active = deletion.active_jobs_of(obj)
        if active:
            raise Conflict({"error": "Jobs are using the inventory.", "active_jobs": active})

    def perform_destroy(self, obj: Any) -> Response:
        """202: the rows go in the background."""
        deletion.delete_later(obj, self.request.user)
        return Response(status=status.HTTP_202_ACCEPTED)

    @staticmethod
    def after_copy(obj: Inventory, twin: Inventory, user: Any) -> None:
        """Hosts and groups follow in the background; inputs and sources do not."""
        if twin.kind == "":
            copy_contents_later(obj, twin, user)
        elif twin.kind == "constructed":
            give_source(twin)
        else:
            transaction.on_commit(lambda: counters.queue([twin.pk]))


@register("constructed_inventories", primary=False)
class ConstructedInventories(Inventories):
    """The same inventories, with the options of their one source."""

    serializer_class = ConstructedInventorySerializer
    sublists = ()
    verbs = ()
    copies = None
    root = "constructed_inventory"

    def get_queryset(self) -> Any:
        """Only constructed ones are listed."""
        return super().get_queryset().filter(kind="constructed")

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """The serializer makes the source."""
        inventory = Resource.perform_create(self, serializer, **extra)
        inventory.refresh_from_db()
        return inventory

    @classmethod
    def segments(cls) -> tuple[str, ...]:
        """Links are those of inventories."""
        return Inventories.segments()
