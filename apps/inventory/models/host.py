"""Hosts, and what is known of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.core.fields import VariablesField
from apps.core.models import Named
from apps.rbac.mixins import Follower

from .inventory import Inventory


class Host(Follower, Named):
    """One machine of one inventory. Its rights are those of the inventory."""

    rights_from: ClassVar[str] = "inventory"

    inventory = models.ForeignKey(
        Inventory, models.CASCADE, related_name="hosts", db_index=False
    )  # the unique index below begins with it
    enabled = models.BooleanField(default=True)
    instance_id = models.CharField(max_length=1024, blank=True, default="")
    variables = VariablesField()
    # both point to a higher floor, and are written by one statement for all hosts of a job
    last_job = models.ForeignKey(
        "jobs.Job", models.SET_NULL, null=True, default=None, related_name="+", editable=False, db_constraint=False
    )
    last_job_host_summary = models.ForeignKey(
        "jobs.JobHostSummary",
        models.SET_NULL,
        null=True,
        default=None,
        related_name="+",
        editable=False,
        db_constraint=False,
    )
    ansible_facts_modified = models.DateTimeField(null=True, blank=True, default=None, editable=False)
    inventory_sources = models.ManyToManyField(
        "inventory.InventorySource", related_name="hosts", editable=False, blank=True
    )
    smart_inventories = models.ManyToManyField(
        Inventory, through="SmartInventoryMembership", related_name="+", editable=False
    )

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("inventory", "name"), name="host_inventory_name"),)
        indexes = (models.Index(fields=("name",), name="host_name"),)


class HostFacts(models.Model):
    """What Ansible found out about a host; apart, so that a job's end does not rewrite the index of the facts."""

    host = models.OneToOneField(Host, models.CASCADE, primary_key=True, related_name="facts")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = (GinIndex(fields=("data",), name="hostfacts_data", opclasses=("jsonb_path_ops",)),)

    def __str__(self) -> str:
        return f"facts of host {self.host_id}"


class SmartInventoryMembership(models.Model):
    """Which hosts a smart inventory last consisted of: for filters over the relation; lists ask the filter itself."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="+")
    inventory = models.ForeignKey(Inventory, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("host", "inventory"), name="smart_membership"),)

    def __str__(self) -> str:
        return f"{self.inventory_id}: {self.host_id}"
