"""organizations/N/users/, organizations/N/admins/, teams/N/users/: memberships are roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.sublists import Sub
from apps.rbac import services
from apps.rbac.models import RoleUserAssignment

from .access import bool_of
from .models import User


def holders(field: str) -> Any:
    """The users who have a role on the object themselves."""

    def rows(obj: Any, asker: Any) -> Any:
        held = RoleUserAssignment.objects.filter(object_role=obj.role(field))
        return User.objects.filter(pk__in=held.values("user_id"))

    return rows


def add(field: str) -> Any:
    """Give the role."""

    def attach(actor: Any, obj: Any, user: User) -> None:
        services.grant(obj.role(field), user=user)

    return attach


def remove(field: str) -> Any:
    """Take the role away; other roles stay."""

    def detach(actor: Any, obj: Any, user: User) -> None:
        services.revoke(obj.role(field), user=user)

    return detach


def members(segment: str, field: str) -> Sub:
    """A sub-list of users by role."""
    return Sub(
        segment,
        slug="users",
        rows=holders(field),
        attach=True,
        create=True,
        may_add=may_make,
        on_attach=add(field),
        on_detach=remove(field),
    )


def may_make(actor: Any, obj: Any, data: Mapping[str, Any]) -> bool:
    """Whoever manages the memberships makes users there; only superusers make superusers and auditors."""
    flags = (data.get("is_superuser"), data.get("is_system_auditor"))
    return actor.is_superuser or not any(bool_of(flag) for flag in flags)


MEMBERS = members("users", "member_role")
ADMINS = members("admins", "admin_role")
TEAM_MEMBERS = members("users", "member_role")
