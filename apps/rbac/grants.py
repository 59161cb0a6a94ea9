"""The two sub-queries that answer who may see what: granted directly (or to a team), or by the organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Q

from apps.core import context

from .definitions import codename
from .models import RoleTeamAssignment, RoleUserAssignment

TEAMS = """
WITH RECURSIVE member AS (
    SELECT id FROM rbac_roledefinition WHERE permissions @> ARRAY['member_team']
), mine(id) AS (
    SELECT t.id FROM identity_team t
    WHERE t.id IN (SELECT object_id FROM rbac_roleuserassignment
                   WHERE user_id = %(user)s AND content_type_id = %(team)s
                     AND role_definition_id IN (SELECT id FROM member))
       OR t.organization_id IN (SELECT object_id FROM rbac_roleuserassignment
                   WHERE user_id = %(user)s AND content_type_id = %(organization)s
                     AND role_definition_id IN (SELECT id FROM member))
    UNION
    SELECT t.id FROM mine
    JOIN rbac_roleteamassignment a ON a.team_id = mine.id AND a.role_definition_id IN (SELECT id FROM member)
    JOIN identity_team t ON (a.content_type_id = %(team)s AND t.id = a.object_id)
                         OR (a.content_type_id = %(organization)s AND t.organization_id = a.object_id)
)
SELECT id FROM mine
"""
HELD = """
SELECT g.content_type_id, g.object_id, d.permissions FROM (
    SELECT content_type_id, object_id, role_definition_id FROM rbac_roleuserassignment
    WHERE user_id = %(user)s
      AND (content_type_id, object_id) IN (SELECT * FROM unnest(%(types)s::int[], %(ids)s::bigint[]))
    UNION ALL
    SELECT content_type_id, object_id, role_definition_id FROM rbac_roleteamassignment
    WHERE team_id = ANY(%(teams)s)
      AND (content_type_id, object_id) IN (SELECT * FROM unnest(%(types)s::int[], %(ids)s::bigint[]))
) g JOIN rbac_roledefinition d ON d.id = g.role_definition_id
"""


def type_id(model_name: str, app_label: str) -> int:
    """The content type's id; Django keeps it in memory."""
    return ContentType.objects.get_by_natural_key(app_label, model_name).pk


def organization_type() -> int:
    """The content type of organizations."""
    return type_id("organization", "identity")


def teams_of(user: Any) -> list[int]:
    """Ids of the teams whose grants the user shares; asked once a request."""
    memory, key = context.memory(), ("teams", user.pk)
    if memory is not None and key in memory:
        return memory[key]
    with connection.cursor() as cursor:
        kinds = {"team": type_id("team", "identity"), "organization": organization_type()}
        cursor.execute(TEAMS, {"user": user.pk, **kinds})
        found = [row[0] for row in cursor.fetchall()]
    if memory is not None:
        memory[key] = found
    return found


def granted(user: Any, content_type: int, permission: str) -> list[Any]:
    """Sub-queries of object ids on which the user holds a permission: his own grants, and his teams'."""
    same = {"content_type_id": content_type, "role_definition__permissions__contains": [permission]}
    out: list[Any] = [RoleUserAssignment.objects.filter(user_id=user.pk, **same).order_by().values("object_id")]
    teams = teams_of(user)
    if teams:
        out.append(RoleTeamAssignment.objects.filter(team_id__in=teams, **same).order_by().values("object_id"))
    return out


def permitted(model: Any, user: Any, action: str) -> Q:
    """The condition for the rows of `model` on which the user may do `action`."""
    name = model._meta.model_name
    permission, out = codename(name, action), Q(pk__in=[])
    for ids in granted(user, type_id(name, model._meta.app_label), permission):
        out |= Q(pk__in=ids)
    path = model.organization_path
    if path:
        for ids in granted(user, organization_type(), permission):
            out |= Q(**{f"{path}__in": ids})
    return out


def held(model: Any, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
    """What the user may do with each of the objects: {pk: actions}; two queries however many there are.

    The actions of the model itself come without its name (`change`), those on other models with it (`add_project`).
    """
    objects, name = list(objects), model._meta.model_name
    own, above = type_id(name, model._meta.app_label), organization_type()
    pairs = {(own, obj.pk) for obj in objects}
    if model.organization_path:
        pairs |= {(above, getattr(obj, model.organization_path)) for obj in objects}
    pairs = {pair for pair in pairs if pair[1] is not None}
    with connection.cursor() as cursor:
        types, ids = [t for t, _ in pairs], [i for _, i in pairs]
        cursor.execute(HELD, {"user": user.pk, "teams": teams_of(user), "types": types, "ids": ids})
        found: dict[tuple[int, int], set[str]] = defaultdict(set)
        for content_type, object_id, permissions in cursor.fetchall():
            found[content_type, object_id] |= {short(name, permission) for permission in permissions}
    out = {}
    for obj in objects:
        actions = set(found.get((own, obj.pk), ()))
        if model.organization_path and model.organization_path != "pk":
            actions |= found.get((above, getattr(obj, model.organization_path)), set())
        out[obj.pk] = actions
    return out


def short(model_name: str, permission: str) -> str:
    """`change_inventory` seen from inventories is `change`."""
    return permission.removesuffix(f"_{model_name}") if permission.endswith(f"_{model_name}") else permission
