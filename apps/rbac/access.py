"""Who may see roles and definitions, and who may give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from apps.core import registry
from apps.core.access import Access, OpenAccess

from .definitions import CLASSIC, MODELS
from .models import ObjectRole


def seen_objects(user: Any) -> Q:
    """The roles of objects that the user may read, and those that he holds."""
    seen = Q(pk__in=held_by(user))
    for name in CLASSIC:
        model = apps.get_model(MODELS[name], name)
        rows = registry.for_model(model).access_for(user).visible(model._default_manager.all())
        kind = ContentType.objects.get_for_model(model)
        seen |= Q(content_type=kind, object_id__in=rows.order_by().values("pk"))
    return seen


def held_by(user: Any) -> Any:
    """Ids of the roles assigned to the user himself."""
    return ObjectRole.objects.filter(roleuserassignments__user=user).values("pk")


class RoleAccess(Access):
    """Roles are seen with their objects; whoever may change the object may give and take them."""

    def visible(self, queryset: Any) -> Any:
        """Roles of visible objects."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        return queryset.filter(seen_objects(self.user))

    def may(self, action: str, obj: ObjectRole) -> bool:
        """Who receives it is asked where it is given."""
        return True


class DefinitionAccess(OpenAccess):
    """Everyone reads definitions; superusers write them."""


class AssignmentAccess(Access):
    """Assignments are seen by whoever sees the object or holds them."""

    def visible(self, queryset: Any) -> Any:
        """Own ones, and those on visible objects."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        roles = ObjectRole.objects.filter(seen_objects(self.user)).values("pk")
        own = Q(user=self.user) if hasattr(queryset.model, "user") else Q(pk__in=[])
        return queryset.filter(own | Q(object_role__in=roles))

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """The serializer knows the object and asks."""
        return True

    def may(self, action: str, obj: Any) -> bool:
        """Taking away needs the right to change the object."""
        return self.everything or action == "view" or may_administer(self.user, obj.object_role, obj.receiver())


def role_object(role: ObjectRole) -> Any:
    """The object of a role, or None (system roles, objects that are gone)."""
    model = role.content_type.model_class() if role.content_type_id else None
    return model._base_manager.filter(pk=role.object_id).first() if model else None


def may_administer(user: Any, role: ObjectRole, receiver: Any) -> bool:
    """Whether the user may give this role to someone, or take it away."""
    obj = role_object(role)
    if obj is None:
        return bool(user.is_superuser)
    return registry.for_model(type(obj)).access_for(user).may_give(obj, role.role_field, receiver)
