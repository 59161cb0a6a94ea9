"""`object_roles/`: the sub-list of every model with roles."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.core.sublists import Sub

from .models import ObjectRole


def roles_of(obj: Any, user: Any) -> Any:
    """The classic roles of an object."""
    kind = ContentType.objects.get_for_model(type(obj))
    return ObjectRole.objects.filter(content_type=kind, object_id=obj.pk).exclude(role_field="")


OBJECT_ROLES = Sub("object_roles", slug="roles", rows=roles_of, visible_all=True)
