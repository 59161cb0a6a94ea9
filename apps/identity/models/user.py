"""Users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core import registry
from apps.rbac.grants import granted, organization_type
from apps.rbac.models import RoleUserAssignment

from .organization import Organization


class UserQuerySet(models.QuerySet):
    """Rows by who may see them."""

    def visible_to(self, user: Any) -> Any:
        """Oneself, superusers, and the members of the organizations that the user sees.

        Organization administrators see everyone where ORG_ADMINS_CAN_SEE_ALL_USERS says so; that rule is in access.
        """
        seen = Organization.objects.visible_to(user).values("pk")
        fellows = RoleUserAssignment.objects.filter(
            content_type=organization_type(), object_id__in=seen, role_definition__role_field="member_role"
        ).values("user_id")
        return self.filter(Q(pk=user.pk) | Q(is_superuser=True) | Q(pk__in=fellows))


class UserObjects(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager with our queryset."""


class User(AbstractUser):
    """Someone who logs in."""

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "A user of this name already exists."},
    )
    ansible_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    is_system_auditor = models.BooleanField(default=False)
    ldap_dn = models.TextField(default="", blank=True, editable=False)
    external_source = models.TextField(default="", blank=True, editable=False)  # the sign-on that made the account
    modified = models.DateTimeField(null=True, editable=False, default=None)

    objects = UserObjects()

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stamp changes, not creation; superusers are staff for Django's sake."""
        if not self._state.adding and kwargs.get("update_fields") != ["last_login"]:
            self.modified = timezone.now()
        super().save(*args, **kwargs)

    @property
    def created(self) -> Any:
        """When the account was made."""
        return self.date_joined

    def organizations_as(self, *role_fields: str) -> Any:
        """Ids of the organizations in which the user has one of the roles himself."""
        rows = RoleUserAssignment.objects.filter(user=self, content_type=organization_type())
        return rows.filter(role_definition__role_field__in=role_fields).values_list("object_id", flat=True)

    def administered(self) -> set[int]:
        """Ids of the organizations that the user may change, himself or through a team."""
        out: set[int] = set()
        for ids in granted(self, organization_type(), "change_organization"):
            out |= set(ids.values_list("object_id", flat=True))
        return out

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """What `user` may do with other users: himself; those whose every organization he administers; orphans."""
        objects = list(objects)
        administered = user.administered()
        places: dict[int, set[int]] = {obj.pk: set() for obj in objects}
        roles: dict[int, set[tuple[int, int]]] = {obj.pk: set() for obj in objects}
        rows = RoleUserAssignment.objects.filter(user__in=list(places))
        for pk, kind_id, object_id, field in rows.values_list(
            "user_id", "content_type_id", "object_id", "role_definition__role_field"
        ):
            roles[pk].add((kind_id, object_id))
            if kind_id == organization_type() and field in ("member_role", "admin_role"):
                places[pk].add(object_id)
        orphans = [roles[obj.pk] for obj in objects if administered and not places[obj.pk]]
        reached = cls.reached(user, set().union(*orphans))
        out = {}
        for obj in objects:
            actions = {"view"}
            if obj.pk == user.pk:
                actions |= {"change"}
            elif administered and not (obj.is_superuser or obj.is_system_auditor):
                if places[obj.pk] and places[obj.pk] <= administered:
                    actions |= {"change", "delete"}
                elif not places[obj.pk] and roles[obj.pk] <= reached:
                    actions |= {"delete"}
            out[obj.pk] = actions
        return out

    @staticmethod
    def reached(user: Any, keys: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Which of these objects (content type, id) `user` administers."""
        kinds: dict[int, set[int]] = {}
        for kind, pk in keys:
            kinds.setdefault(kind, set()).add(pk)
        out = set()
        for kind, ids in kinds.items():
            model = ContentType.objects.get_for_id(kind).model_class()
            access = registry.for_model(model).access_for(user)
            held = access.capabilities(model._base_manager.filter(pk__in=ids), {"change": "change"})
            out |= {(kind, pk) for pk, found in held.items() if found["change"]}
        return out

    def grants(self, user: Any, action: str) -> bool:
        """Whether `user` may do `action` to this user."""
        return user.is_superuser or action in self.held(user, [self])[self.pk]
