"""Teams: users who share grants."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from apps.core.models import Named
from apps.rbac.mixins import RoleModel


class Team(RoleModel, Named):
    """A group of users within an organization; what it is granted, its members hold."""

    ansible_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    organization = models.ForeignKey("identity.Organization", models.CASCADE, related_name="teams")

    class Meta:
        ordering = ("organization__name", "name")
        unique_together = (("organization", "name"),)
