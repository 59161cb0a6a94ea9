"""Role definitions, roles of objects, and their assignments to users and teams."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.core.models import Authored


class RoleDefinition(Authored):
    """A named set of permissions on one kind of object."""

    name = models.TextField(unique=True)
    description = models.TextField(blank=True)
    managed = models.BooleanField(default=False, editable=False)
    listed = models.BooleanField(default=True, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, default=None, related_name="+")
    permissions = ArrayField(models.TextField(), default=list)
    role_field = models.TextField(default="", editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("content_type", "role_field"), condition=~models.Q(role_field=""), name="rbac_one_classic_role"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ObjectRole(models.Model):
    """One definition on one object: AWX's classic role, with the id that /roles/ shows."""

    role_definition = models.ForeignKey(RoleDefinition, models.CASCADE, related_name="object_roles", null=True)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    object_id = models.BigIntegerField(null=True)
    role_field = models.TextField(default="")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("content_type", "object_id", "role_definition"), name="rbac_role_once"),
        )

    def __str__(self) -> str:
        return f"{self.role_field or self.role_definition} of {self.content_type_id}/{self.object_id}"


class Assignment(models.Model):
    """What assignments to users and to teams share; the role's columns are repeated for index-only look-ups."""

    held_by: ClassVar[str]  # the foreign key to whoever holds the role

    role_definition = models.ForeignKey(RoleDefinition, models.CASCADE, related_name="%(class)ss")
    object_role = models.ForeignKey(ObjectRole, models.CASCADE, related_name="%(class)ss")
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        abstract = True
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.role_definition} on {self.content_type_id}/{self.object_id}"

    def receiver(self) -> Any:
        """The user or the team that holds the role."""
        return getattr(self, self.held_by)

    def content_object(self) -> Any:
        """The object that the role is about, or None if it is gone."""
        model = self.content_type.model_class()
        return model._base_manager.filter(pk=self.object_id).first() if model else None


class RoleUserAssignment(Assignment):
    """A user holds a role on an object."""

    held_by = "user"
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_assignments")

    class Meta(Assignment.Meta):
        constraints = (models.UniqueConstraint(fields=("user", "object_role"), name="rbac_user_once"),)
        indexes = (
            models.Index(fields=("user", "content_type", "role_definition", "object_id"), name="rbac_user_grants"),
            models.Index(fields=("content_type", "object_id"), name="rbac_user_object"),
        )


class RoleTeamAssignment(Assignment):
    """A team, and so each of its members, holds a role on an object."""

    held_by = "team"
    team = models.ForeignKey("identity.Team", models.CASCADE, related_name="role_assignments")

    class Meta(Assignment.Meta):
        constraints = (models.UniqueConstraint(fields=("team", "object_role"), name="rbac_team_once"),)
        indexes = (
            models.Index(fields=("team", "content_type", "role_definition", "object_id"), name="rbac_team_grants"),
            models.Index(fields=("content_type", "object_id"), name="rbac_team_object"),
        )
