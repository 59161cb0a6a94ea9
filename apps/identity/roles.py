"""users/N/roles/ and teams/N/roles/: the roles that someone holds, given and taken by id."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from apps.core.sublists import Sub
from apps.rbac import services
from apps.rbac.access import may_administer
from apps.rbac.models import ObjectRole
from apps.rbac.rules import check_giving


def roles_of_user(user: Any, asker: Any) -> Any:
    """The roles assigned to a user."""
    return ObjectRole.objects.filter(roleuserassignments__user=user).exclude(role_field="")


def roles_of_team(team: Any, asker: Any) -> Any:
    """The roles assigned to a team."""
    return ObjectRole.objects.filter(roleteamassignments__team=team).exclude(role_field="")


def give_to_user(actor: Any, user: Any, role: ObjectRole) -> None:
    """Grant; system roles are flags of the user."""
    check_giving(actor, role, user=user)
    if not set_system_role(user, role, held=True):
        services.grant(role, user=user)


def take_from_user(actor: Any, user: Any, role: ObjectRole) -> None:
    """Revoke."""
    if not may_administer(actor, role):
        raise PermissionDenied
    if not set_system_role(user, role, held=False):
        services.revoke(role, user=user)


def set_system_role(user: Any, role: ObjectRole, *, held: bool) -> bool:
    """The two system roles are columns of the user; whether `role` is one."""
    column = {"system_administrator": "is_superuser", "system_auditor": "is_system_auditor"}.get(role.role_field)
    if column is None:
        return False
    setattr(user, column, held)
    user.save(update_fields=[column, "modified"])
    return True


def give_to_team(actor: Any, team: Any, role: ObjectRole) -> None:
    """Grant."""
    check_giving(actor, role, team=team)
    services.grant(role, team=team)


def take_from_team(actor: Any, team: Any, role: ObjectRole) -> None:
    """Revoke."""
    if not may_administer(actor, role):
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
