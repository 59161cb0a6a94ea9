"""Grant and revoke: one INSERT or DELETE, visible at once."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.core import context, events

from .definitions import CLASSIC, MANAGED, MODELS
from .models import ObjectRole, RoleDefinition, RoleTeamAssignment, RoleUserAssignment


def assign(definition: RoleDefinition, obj: Any, *, user: Any = None, team: Any = None) -> Any:
    """Give a definition on an object to a user or a team; twice is once."""
    kind = ContentType.objects.get_for_model(type(obj))
    role, _ = ObjectRole.objects.get_or_create(
        role_definition=definition, content_type=kind, object_id=obj.pk, defaults={"role_field": definition.role_field}
    )
    return grant(role, user=user, team=team)


def grant(role: ObjectRole, *, user: Any = None, team: Any = None) -> Any:
    """Give a role to a user or a team; twice is once."""
    actor = context.actor()
    columns = {
        "role_definition_id": role.role_definition_id,
        "content_type_id": role.content_type_id,
        "object_id": role.object_id,
        "created_by": actor if actor is not None and actor.pk else None,
    }
    if user is not None:
        made, _ = RoleUserAssignment.objects.get_or_create(object_role=role, user=user, defaults=columns)
    else:
        made, _ = RoleTeamAssignment.objects.get_or_create(object_role=role, team=team, defaults=columns)
    announce()
    return made


def revoke(role: ObjectRole, *, user: Any = None, team: Any = None) -> None:
    """Take a role away; one that was not held is fine."""
    rows = (
        RoleUserAssignment.objects.filter(object_role=role, user=user)
        if user is not None
        else RoleTeamAssignment.objects.filter(object_role=role, team=team)
    )
    for row in rows:
        row.delete()
    announce()


SYSTEM = {"system_administrator": "is_superuser", "system_auditor": "is_system_auditor"}  # role -> flag of the user


def set_system_role(user: Any, role: ObjectRole, *, held: bool) -> bool:
    """The two system roles are flags of the user: set one; whether `role` is such a role."""
    flag = SYSTEM.get(role.role_field)
    if flag is None:
        return False
    setattr(user, flag, held)
    user.save(update_fields=[flag, "modified"])
    return True


def announce() -> None:
    """What was remembered of rights in this request is forgotten."""
    context.forget()
    events.rights_changed.send(sender=None)


def sync_definitions() -> None:
    """Write the managed definitions as this release has them; safe to run at any time."""
    for wanted in MANAGED:
        kind = ContentType.objects.get_or_create(app_label=MODELS[wanted.model], model=wanted.model)[0]
        RoleDefinition.objects.update_or_create(
            name=wanted.name,
            defaults={
                "content_type": kind,
                "managed": True,
                "listed": wanted.listed,
                "role_field": wanted.role_field,
                "permissions": sorted(wanted.permissions),
            },
        )
    for field in ("system_administrator", "system_auditor"):
        if not ObjectRole.objects.filter(role_field=field, content_type=None).exists():
            ObjectRole.objects.create(role_field=field)
    match_roles()


def match_roles() -> None:
    """Objects that were made before their definitions get their classic roles; roles without an object go."""
    from django.apps import apps

    from .mixins import drop_lost_roles, make_roles

    for name in CLASSIC:
        model = apps.get_model(MODELS[name], name)
        drop_lost_roles(model)
        kind = ContentType.objects.get_for_model(model)
        done = ObjectRole.objects.filter(content_type=kind).exclude(role_field="").values("object_id")
        make_roles(model, list(model._base_manager.exclude(pk__in=done).values_list("pk", flat=True)))
