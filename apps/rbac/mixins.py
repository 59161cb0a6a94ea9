"""How models take part in roles: by having their own, or by following a parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.core.prepared import Given, Prepared, among

from . import grants
from .definitions import CLASSIC, NAMES, ROLE_ACTION, USER_ONLY, describe
from .models import ObjectRole, RoleDefinition


class RoleQuerySet(models.QuerySet):
    """Rows by what a user may do with them."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """The rows on which the user may do `action`."""
        return self.filter(grants.permitted(self.model, user, action))

    def visible_to(self, user: Any) -> Any:
        """The rows that the user may read."""
        return self.permitted_to(user, "view")

    def with_role(self, user: Any, role_field: str) -> Any:
        """The rows on which the user has at least a classic role."""
        return self.permitted_to(user, ROLE_ACTION[role_field])


class RoleModel(models.Model):
    """A model whose objects have roles of their own (and whose organization's roles reach down to them)."""

    organization_path: ClassVar[str] = "organization_id"  # the attribute with the organization's id; "" for none

    objects = RoleQuerySet.as_manager()

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.role_fields = dict.fromkeys(CLASSIC.get(cls.__name__.lower(), ()))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new object gets its classic roles."""
        fresh = self._state.adding
        super().save(*args, **kwargs)
        if fresh:
            make_roles(type(self), [self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """The roles go with the object, and those of what goes with it."""
        kind, pk = ContentType.objects.get_for_model(type(self)), self.pk
        gone = super().delete(*args, **kwargs)
        ObjectRole.objects.filter(content_type=kind, object_id=pk).delete()
        for model in map(apps.get_model, gone[1]):
            if issubclass(model, RoleModel) and model is not type(self):
                drop_lost_roles(model)
        return gone

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """{pk: the actions that the user may do}."""
        return grants.held(cls, user, objects)

    def grants(self, user: Any, action: str) -> bool:
        """Whether the user may do `action`; superusers may."""
        return user.is_superuser or action in self.held(user, [self])[self.pk]

    def grant_creator(self, user: Any) -> None:
        """Whoever makes an object administers it, unless a wider role says so already."""
        if user is None or user.is_superuser or not user.pk:
            return
        definition = RoleDefinition.objects.filter(
            content_type=ContentType.objects.get_for_model(type(self)), managed=True, name__endswith=" Admin"
        ).first()
        full = {grants.short(self._meta.model_name, p) for p in definition.permissions} if definition else set()
        if definition and not full <= self.held(user, [self])[self.pk]:
            from .services import assign

            assign(definition, self, user=user)

    def role(self, role_field: str) -> ObjectRole:
        """The object's classic role."""
        return ObjectRole.objects.get(
            content_type=ContentType.objects.get_for_model(type(self)), object_id=self.pk, role_field=role_field
        )

    @classmethod
    def summarize_roles(cls, objects: Iterable[Any]) -> dict[int, dict[str, Any]]:
        """`summary_fields.object_roles` of a page of objects, in one query."""
        kind, found = ContentType.objects.get_for_model(cls), defaultdict(dict)
        model, noun = cls._meta.model_name, str(cls._meta.verbose_name)
        for pk, object_id, field in SHOWN_ROLES(kind.pk, [o.pk for o in objects]):
            found[object_id][field] = pk
        return {
            pk: {"object_roles": {f: shown_role(model, f, noun, ids[f]) for f in CLASSIC[model] if f in ids}}
            for pk, ids in found.items()
        }


SHOWN_ROLES = Prepared(
    lambda: (
        ObjectRole.objects.filter(among("object_id", Given(1)), content_type=Given(0))
        .exclude(role_field="")
        .order_by("pk")
        .values_list("pk", "object_id", "role_field")
    )
)


def shown_role(model: str, field: str, noun: str, pk: int) -> dict[str, Any]:
    """A role in `object_roles`."""
    out: dict[str, Any] = {"description": describe(model, field, noun), "name": NAMES[field], "id": pk}
    return out | ({"user_only": True} if (model, field) in USER_ONLY else {})


def make_roles(model: Any, ids: Iterable[int]) -> None:
    """The classic roles of new objects, in two statements; for bulk creation too."""
    if model._meta.model_name not in CLASSIC:
        return
    kind = ContentType.objects.get_for_model(model)
    fields = RoleDefinition.objects.filter(content_type=kind).exclude(role_field="").values_list("pk", "role_field")
    rows = [
        ObjectRole(role_definition_id=definition, content_type=kind, object_id=pk, role_field=field)
        for pk in ids
        for definition, field in sorted(fields, key=lambda pair: CLASSIC[model._meta.model_name].index(pair[1]))
    ]
    ObjectRole.objects.bulk_create(rows, ignore_conflicts=True)


def drop_lost_roles(model: Any) -> None:
    """Roles on objects that are not there any more: a later object of the same id must not inherit their holders."""
    kind = ContentType.objects.get_for_model(model)
    ObjectRole.objects.filter(~Exists(model._base_manager.filter(pk=OuterRef("object_id"))), content_type=kind).delete()


class FollowerQuerySet(models.QuerySet):
    """Rows whose rights are those of a parent."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """The rows whose parent allows what `action` needs there."""
        model = self.model
        parent = model._meta.get_field(model.rights_from).related_model
        wanted = model.rights_map.get(action, action)
        return self.filter(**{f"{model.rights_from}__in": parent.objects.permitted_to(user, wanted).values("pk")})

    def visible_to(self, user: Any) -> Any:
        """The rows that the user may read."""
        return self.permitted_to(user, "view")


class Follower(models.Model):
    """A model without roles: the rights of its parent count (a host follows its inventory)."""

    rights_from: ClassVar[str]  # the foreign key to the parent
    rights_map: ClassVar[dict[str, str]] = {"delete": "change", "change": "change"}  # action here -> action there

    objects = FollowerQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """{pk: actions}: what the parent allows, in this model's words."""
        objects = list(objects)
        field = cls._meta.get_field(cls.rights_from)
        parents = {getattr(obj, field.attname): field.get_cached_value(obj, default=None) for obj in objects}
        unknown = [pk for pk, parent in parents.items() if parent is None and pk is not None]
        rows = [parent for parent in parents.values() if parent is not None]
        if unknown:
            rows += field.related_model._base_manager.filter(pk__in=unknown)
        above = field.related_model.held(user, rows)
        return {obj.pk: cls.translate(above.get(getattr(obj, field.attname), set())) for obj in objects}

    @classmethod
    def translate(cls, actions: set[str]) -> set[str]:
        """The parent's actions in this model's words."""
        return actions | {here for here, there in cls.rights_map.items() if there in actions}

    def grants(self, user: Any, action: str) -> bool:
        """Whether the user may do `action`; superusers may."""
        return user.is_superuser or action in self.held(user, [self])[self.pk]


def visible_q(model: Any, user: Any, path: str, action: str = "view") -> Q:
    """A condition on `path` (a foreign key) that its target allows `action`: for querysets with several ways in."""
    return Q(**{f"{path}__in": model.objects.permitted_to(user, action).values("pk")})
