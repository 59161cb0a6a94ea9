"""Organizations: the tenants; most roles reach down from here."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models

from apps.core.models import Named, OrderedLink
from apps.rbac.mixins import RoleModel


class Organization(RoleModel, Named):
    """A tenant: its roles reach down to all that belongs to it."""

    organization_path: ClassVar[str] = ""

    name = models.CharField(max_length=512, unique=True)
    ansible_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    max_hosts = models.PositiveIntegerField(default=0, blank=True)
    # always null: AWX kept the column when it dropped the feature
    custom_virtualenv = models.CharField(max_length=100, null=True, default=None, editable=False)  # noqa: DJ001
    default_environment = models.ForeignKey(
        "instances.ExecutionEnvironment", models.SET_NULL, null=True, blank=True, default=None, related_name="+"
    )
    instance_groups = models.ManyToManyField("instances.InstanceGroup", through="OrganizationInstanceGroup")
    galaxy_credentials = models.ManyToManyField(
        "credentials.Credential", through="OrganizationGalaxyCredential", related_name="organization_galaxy_credentials"
    )
    notification_templates_started = models.ManyToManyField(
        "notifications.NotificationTemplate", related_name="organization_notification_templates_for_started"
    )
    notification_templates_success = models.ManyToManyField(
        "notifications.NotificationTemplate", related_name="organization_notification_templates_for_success"
    )
    notification_templates_error = models.ManyToManyField(
        "notifications.NotificationTemplate", related_name="organization_notification_templates_for_errors"
    )
    notification_templates_approvals = models.ManyToManyField(
        "notifications.NotificationTemplate", related_name="organization_notification_templates_for_approvals"
    )

    class Meta:
        ordering = ("name",)


class OrganizationInstanceGroup(OrderedLink):
    """Where the organization's jobs run, in order of preference."""

    organization = models.ForeignKey(Organization, models.CASCADE)
    instancegroup = models.ForeignKey("instances.InstanceGroup", models.CASCADE)


class OrganizationGalaxyCredential(OrderedLink):
    """Where the organization's collections come from, in order of preference."""

    organization = models.ForeignKey(Organization, models.CASCADE)
    credential = models.ForeignKey("credentials.Credential", models.CASCADE)
