"""Where inventories get their hosts from, and the runs that fetch them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from apps.rbac.mixins import Follower
from apps.unified.models import UnifiedJob, UnifiedJobTemplate

from .inventory import Inventory

SOURCES = (
    ("file", "File, Directory or Script"),
    ("constructed", "Template additional groups and hostvars at runtime"),
    ("scm", "Sourced from a Project"),
    ("ec2", "Amazon EC2"),
    ("gce", "Google Compute Engine"),
    ("azure_rm", "Microsoft Azure Resource Manager"),
    ("vmware", "VMware vCenter"),
    ("satellite6", "Red Hat Satellite 6"),
    ("openstack", "OpenStack"),
    ("rhv", "Red Hat Virtualization"),
    ("controller", "Red Hat Ansible Automation Platform"),
    ("insights", "Red Hat Insights"),
    ("terraform", "Terraform State"),
    ("openshift_virtualization", "OpenShift Virtualization"),
)
CLOUD_SOURCES = tuple(name for name, _ in SOURCES if name not in ("file", "constructed", "scm"))
VERBOSITIES = ((0, "0 (WARNING)"), (1, "1 (INFO)"), (2, "2 (DEBUG)"))


class InventorySourceOptions(models.Model):
    """What is fetched and how; on the source and copied to each update."""

    source = models.CharField(max_length=32, choices=SOURCES, default=None)
    source_path = models.CharField(max_length=1024, blank=True, default="")
    source_vars = models.TextField(blank=True, default="")
    scm_branch = models.CharField(max_length=1024, blank=True, default="")
    enabled_var = models.TextField(blank=True, default="")
    enabled_value = models.TextField(blank=True, default="")
    host_filter = models.TextField(blank=True, default="")
    overwrite = models.BooleanField(default=False)
    overwrite_vars = models.BooleanField(default=False)
    custom_virtualenv = models.CharField(max_length=100, null=True, blank=True, default=None, editable=False)  # noqa: DJ001  (null in the API)
    timeout = models.IntegerField(default=0, blank=True)
    verbosity = models.PositiveIntegerField(choices=VERBOSITIES, default=1, blank=True)
    limit = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


class InventorySource(Follower, InventorySourceOptions, UnifiedJobTemplate):
    """A place that hosts of one inventory come from."""

    rights_from: ClassVar[str] = "inventory"
    start_action: ClassVar[str] = "update"

    inventory = models.ForeignKey(Inventory, models.CASCADE, null=True, related_name="inventory_sources")
    source_project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, default=None, related_name="scm_inventory_sources"
    )
    update_on_launch = models.BooleanField(default=False)
    update_cache_timeout = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("inventory", "name")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The organization follows the inventory."""
        organization_id = self.inventory.organization_id if self.inventory_id else None
        if organization_id != self.organization_id:
            self.organization_id = organization_id
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "organization"}
        super().save(*args, **kwargs)


class InventoryUpdate(InventorySourceOptions, UnifiedJob):
    """One run that fetches the hosts of a source."""

    rights_from: ClassVar[str] = "inventory_source"
    rights_map: ClassVar[dict[str, str]] = {"start": "update", "cancel": "change"}
    deleted_through: ClassVar[str] = "parent"

    inventory = models.ForeignKey(
        Inventory, models.SET_NULL, null=True, default=None, related_name="inventory_updates", editable=False
    )
    inventory_source = models.ForeignKey(
        InventorySource, models.CASCADE, related_name="inventory_updates", editable=False
    )
    source_project_update = models.ForeignKey(
        "projects.ProjectUpdate",
        models.SET_NULL,
        null=True,
        default=None,
        related_name="scm_inventory_updates",
        editable=False,
    )
    scm_revision = models.CharField(max_length=1024, blank=True, default="", editable=False)
    license_error = models.BooleanField(default=False, editable=False)
    org_host_limit_error = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("inventory", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"
