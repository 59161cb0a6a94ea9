"""Instances, the groups they form, and execution environments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from apps.core.models import Columnwise, Named
from apps.rbac.mixins import RoleModel, RoleQuerySet

NODE_TYPES = (
    ("control", "Control plane node"),
    ("execution", "Execution plane node"),
    ("hybrid", "Controller and execution"),
    ("hop", "Message-passing node, no execution capability"),
)
NODE_STATES = (
    ("provisioning", "Provisioning"),
    ("provision-fail", "Provisioning Failure"),
    ("installed", "Installed"),
    ("ready", "Ready"),
    ("unavailable", "Unavailable"),
    ("deprovisioning", "De-provisioning"),
    ("deprovision-fail", "De-provisioning Failure"),
)
PULLS = (
    ("always", "Always pull container before running."),
    ("missing", "Only pull the image if not present before running."),
    ("never", "Never pull container before running."),
)

# a name or an address; it is part of the name of the queue
HOSTNAME = re.compile(r"^(?!-)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?\Z|^[0-9a-fA-F:]+\Z")


class InstanceQuerySet(models.QuerySet):
    """Rows by who may see them."""

    def visible_to(self, user: Any) -> Any:
        """Instances of groups that the user may see."""
        groups = InstanceGroup.objects.visible_to(user).values("pk")
        members = InstanceGroup.instances.through.objects.filter(instancegroup__in=groups)
        return self.filter(pk__in=members.values("instance_id"))


class Instance(Columnwise):
    """A host that runs jobs: a Celery worker with a queue of its own."""

    hostname = models.CharField(max_length=250, unique=True)
    uuid = models.CharField(max_length=40, default="00000000-0000-0000-0000-000000000000", editable=False)
    ip_address = models.CharField(max_length=50, blank=True, default="", editable=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    last_seen = models.DateTimeField(null=True, editable=False)
    health_check_started = models.DateTimeField(null=True, editable=False)
    last_health_check = models.DateTimeField(null=True, editable=False)
    version = models.CharField(max_length=120, blank=True, default="", editable=False)
    errors = models.TextField(blank=True, default="", editable=False)
    cpu = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(0), editable=False)
    memory = models.BigIntegerField(default=0, editable=False)
    cpu_capacity = models.IntegerField(default=0, editable=False)
    mem_capacity = models.IntegerField(default=0, editable=False)
    capacity = models.PositiveIntegerField(default=0, editable=False)
    capacity_adjustment = models.DecimalField(max_digits=3, decimal_places=2, default=Decimal("1.0"))
    enabled = models.BooleanField(default=True)
    managed_by_policy = models.BooleanField(default=True)
    managed = models.BooleanField(default=False, editable=False)
    node_type = models.CharField(max_length=16, choices=NODE_TYPES, default="execution")
    node_state = models.CharField(max_length=16, choices=NODE_STATES, default="installed")

    objects = InstanceQuerySet.as_manager()

    class Meta:
        ordering = ("hostname",)

    def __str__(self) -> str:
        return self.hostname

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """Instances belong to the system: others than superusers only look at them."""
        return {obj.pk: {"view"} for obj in objects}


class InstanceGroup(RoleModel):
    """Instances among which jobs are spread."""

    organization_path: ClassVar[str] = ""

    name = models.CharField(max_length=250, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    instances = models.ManyToManyField(Instance, related_name="rampart_groups", editable=False)
    is_container_group = models.BooleanField(default=False)
    credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, blank=True, default=None, related_name="instancegroups"
    )
    pod_spec_override = models.TextField(blank=True, default="")
    policy_instance_percentage = models.IntegerField(default=0)
    policy_instance_minimum = models.IntegerField(default=0)
    policy_instance_list = models.JSONField(default=list, blank=True)
    max_concurrent_jobs = models.IntegerField(default=0)
    max_forks = models.IntegerField(default=0)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class EnvironmentQuerySet(RoleQuerySet):
    """Rows by who may see them."""

    def visible_to(self, user: Any) -> Any:
        """Global ones, and those of organizations that the user sees."""
        from apps.identity.models import Organization

        seen = Organization.objects.visible_to(user).values("pk")
        return self.filter(Q(organization=None) | Q(organization__in=seen))


class ExecutionEnvironment(RoleModel, Named):
    """A container image for jobs."""

    name = models.CharField(max_length=512, unique=True)
    organization = models.ForeignKey(
        "identity.Organization", models.CASCADE, null=True, blank=True, default=None,
        related_name="executionenvironments",
    )  # fmt: skip
    image = models.CharField(max_length=1024)
    managed = models.BooleanField(default=False, editable=False)
    credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, blank=True, default=None,
        related_name="executionenvironments",
    )  # fmt: skip
    pull = models.CharField(max_length=16, choices=PULLS, blank=True, default="")

    objects = EnvironmentQuerySet.as_manager()

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """Everyone sees global ones; members see those of their organization."""
        objects = list(objects)
        seen = set(cls.objects.filter(pk__in=[o.pk for o in objects]).visible_to(user).values_list("pk", flat=True))
        found = super().held(user, objects)
        return {obj.pk: found[obj.pk] | ({"view"} if obj.pk in seen else set()) for obj in objects}

    class Meta:
        ordering = ("-created",)


class AddressQuerySet(models.QuerySet):
    """Rows by who may see them."""

    def visible_to(self, user: Any) -> Any:
        """Addresses of instances that the user may see."""
        return self.filter(instance__in=Instance.objects.visible_to(user).values("pk"))


class ReceptorAddress(models.Model):
    """Where an instance is reached; kept for the interface's sake."""

    address = models.CharField(max_length=255)
    port = models.IntegerField(default=27199)
    websocket_path = models.CharField(max_length=255, default="", blank=True)
    protocol = models.CharField(max_length=10, default="tcp")
    is_internal = models.BooleanField(default=False)
    canonical = models.BooleanField(default=False)
    peers_from_control_nodes = models.BooleanField(default=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="receptor_addresses")

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """As for instances."""
        return {obj.pk: {"view"} for obj in objects}
