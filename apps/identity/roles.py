"""users/N/roles/ and teams/N/roles/: the roles that someone holds, given and taken by id."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.core.sublists import Sub
from apps.rbac import services
from apps.rbac.access import may_administer
from apps.rbac.models import ObjectRole
from apps.rbac.rules import check_giving


def roles_of_user(user: Any, asker: Any) -> Any:
    """The roles assigned to a user, and those of the system that he has."""
    system = [role for role, flag in services.SYSTEM.items() if getattr(user, flag)]
    given = ObjectRole.objects.filter(roleuserassignments__user=user).exclude(role_field="").values("pk")
    return ObjectRole.objects.filter(Q(pk__in=given) | Q(content_type=None, role_field__in=system))


def roles_of_team(team: Any, asker: Any) -> Any:
    """The roles assigned to a team."""
    return ObjectRole.objects.filter(roleteamassignments__team=team).exclude(role_field="")


def give_to_user(actor: Any, user: Any, role: ObjectRole) -> None:
    """Grant; system roles are flags of the user."""
    check_giving(actor, role, user=user)
    if not services.set_system_role(user, role, held=True):
        services.grant(role, user=user)


def take_from_user(actor: Any, user: Any, role: ObjectRole) -> None:
    """Revoke."""
    if not may_administer(actor, role, user):
        raise PermissionDenied
    if not services.set_system_role(user, role, held=False):
        services.revoke(role, user=user)


def give_to_team(actor: Any, team: Any, role: ObjectRole) -> None:
    """Grant."""
    check_giving(actor, role, team=team)
    services.grant(role, team=team)


def take_from_team(actor: Any, team: Any, role: ObjectRole) -> None:
    """Revoke."""
    if not may_administer(actor, role, team):
        raise PermissionDenied
    services.revoke(role, team=team)


USER_ROLES = Sub(
    "roles", slug="roles", rows=roles_of_user, attach=True, bare_body=True, parent_role="view", on_attach=give_to_user,
    on_detach=take_from_user,
)  # fmt: skip
TEAM_ROLES = Sub(
    "roles", slug="roles", rows=roles_of_team, attach=True, bare_body=True, parent_role="view", visible_all=True,
    on_attach=give_to_team, on_detach=take_from_team,
)  # fmt: skip
