"""Groups of hosts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.core.fields import VariablesField
from apps.core.models import Named
from apps.rbac.mixins import Follower

from .host import Host
from .inventory import Inventory


class Group(Follower, Named):
    """A named set of hosts and of other groups of the same inventory, with variables."""

    rights_from: ClassVar[str] = "inventory"

    inventory = models.ForeignKey(Inventory, models.CASCADE, related_name="groups", db_index=False)
    variables = VariablesField()
    hosts = models.ManyToManyField(Host, related_name="groups", blank=True)
    children = models.ManyToManyField("self", symmetrical=False, related_name="parents", blank=True)
    inventory_sources = models.ManyToManyField(
        "inventory.InventorySource", related_name="groups", editable=False, blank=True
    )

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("inventory", "name"), name="group_inventory_name"),)
        indexes = (models.Index(fields=("name",), name="group_name"),)
