"""Who holds which role on what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.core import registry
from apps.identity.models import Team, User
from apps.rbac import services
from apps.rbac.models import RoleDefinition, RoleTeamAssignment, RoleUserAssignment

from .kinds import BY_SLUG
from .references import References

HOLDERS: dict[str, tuple[Any, Any]] = {"user": (RoleUserAssignment, User), "team": (RoleTeamAssignment, Team)}
Line = dict[str, Any]


def carried(content_type_id: int) -> Any:
    """The model of a role's object, or None where its kind is not carried."""
    model = ContentType.objects.get_for_id(content_type_id).model_class()
    resource = registry.find_model(model) if model else None
    return model if resource is not None and resource.slug in BY_SLUG else None


def lines(references: References) -> Iterator[Line]:
    """Every assignment whose object is carried and still there."""
    for holder, (assignments, model) in HOLDERS.items():
        rows = assignments.objects.order_by("pk").select_related("role_definition")
        for row in rows.iterator(500):
            target = carried(row.content_type_id)
            if target is None or not target._base_manager.filter(pk=row.object_id).exists():
                continue
            yield {
                "role": row.role_definition.name,
                holder: references.of(model, getattr(row, f"{holder}_id")),
                "on": references.of(target, row.object_id),
            }


def read(line: Line, references: References) -> bool:
    """Give the role; whether it is a new one. References.UnknownError and RoleDefinition.DoesNotExist pass."""
    holder = "user" if "user" in line else "team"
    assignments, model = HOLDERS[holder]
    target = registry.by_slug(line["on"]["kind"]).model
    obj = target._base_manager.get(pk=references.find(line["on"]))
    kind = ContentType.objects.get_for_model(target)
    definition = RoleDefinition.objects.get(name=line["role"], content_type=kind)
    who = model._base_manager.get(pk=references.find(line[holder]))
    held = {"role_definition": definition, "content_type": kind, "object_id": obj.pk, holder: who}
    if assignments.objects.filter(**held).exists():
        return False
    services.assign(definition, obj, **{holder: who})
    return True
