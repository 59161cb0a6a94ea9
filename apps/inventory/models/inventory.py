"""Inventories: hosts and groups of one's own, or computed from those of others."""

from __future__ import annotations

from django.db import models

from apps.core.fields import VariablesField
from apps.core.models import Named, OrderedLink
from apps.rbac.mixins import RoleModel

KINDS = (
    ("", "Hosts have a direct link to this inventory."),
    ("smart", "Hosts for inventory generated using the host_filter property."),
    ("constructed", "Parse list of source inventories with the constructed inventory plugin."),
)


class Inventory(RoleModel, Named):
    """A set of hosts to run against. The counters are kept by services/counters.py."""

    organization = models.ForeignKey("identity.Organization", models.CASCADE, null=True, related_name="inventories")
    kind = models.CharField(max_length=32, choices=KINDS, blank=True, default="")
    host_filter = models.TextField(null=True, blank=True, default=None)  # noqa: DJ001  (null in the API)
    variables = VariablesField()
    has_active_failures = models.BooleanField(default=False, editable=False)
    total_hosts = models.PositiveIntegerField(default=0)  # editable only in that the stream tells of bulk changes
    hosts_with_active_failures = models.PositiveIntegerField(default=0, editable=False)
    total_groups = models.PositiveIntegerField(default=0, editable=False)
    has_inventory_sources = models.BooleanField(default=False, editable=False)
    total_inventory_sources = models.PositiveIntegerField(default=0, editable=False)
    inventory_sources_with_failures = models.PositiveIntegerField(default=0, editable=False)
    pending_deletion = models.BooleanField(default=False, editable=False)
    prevent_instance_group_fallback = models.BooleanField(default=False)
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup", through="InventoryInstanceGroup", related_name="inventories"
    )
    labels = models.ManyToManyField("identity.Label", related_name="inventory_labels", blank=True)
    input_inventories = models.ManyToManyField(
        "self",
        symmetrical=False,
        through="InventoryConstructedInventoryMembership",
        through_fields=("constructed_inventory", "input_inventory"),
        related_name="destination_inventories",
    )

    class Meta:
        ordering = ("name",)
        unique_together = (("name", "organization"),)

    @property
    def is_computed(self) -> bool:
        """Whether its hosts come from other inventories: none can be put in by hand."""
        return self.kind != ""


class InventoryInstanceGroup(OrderedLink):
    """An instance group that jobs on the inventory prefer, in order."""

    inventory = models.ForeignKey(Inventory, models.CASCADE)
    instancegroup = models.ForeignKey("instances.InstanceGroup", models.CASCADE)

    def __str__(self) -> str:
        return f"{self.inventory_id}: {self.instancegroup_id}"


class InventoryConstructedInventoryMembership(OrderedLink):
    """An inventory that a constructed one is made of, in order."""

    constructed_inventory = models.ForeignKey(
        Inventory, models.CASCADE, related_name="constructed_inventory_memberships"
    )
    input_inventory = models.ForeignKey(Inventory, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.constructed_inventory_id}: {self.input_inventory_id}"
