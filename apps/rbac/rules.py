"""What AWX refuses when a role is given: organizations to teams, credentials across organizations, the unseen."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from apps.core import registry
from apps.core.errors import BadRequest

from .access import may_administer, role_object
from .mixins import RoleModel
from .models import ObjectRole


def check_giving(actor: Any, role: ObjectRole, *, user: Any = None, team: Any = None) -> None:
    """Raise where `actor` may not give (or take) `role`; 403 for lack of rights, 400 for what makes no sense."""
    obj = role_object(role)
    receiver = user if user is not None else team
    if not may_administer(actor, role, receiver):
        raise PermissionDenied
    seen = registry.for_model(type(receiver)).access_for(actor)
    if not actor.is_superuser and not seen.visible(type(receiver).objects.filter(pk=receiver.pk)).exists():
        raise PermissionDenied
    if obj is None:
        if team is not None:
            raise BadRequest({"msg": "System roles are for users only."})
        return
    kind = type(obj)._meta.model_name
    if kind == "organization" and team is not None and role.role_field in ("admin_role", "member_role"):
        raise BadRequest({"msg": f"The {role.role_field} of an organization cannot be given to a team."})
    if kind == "credential":
        check_credential(actor, obj, user=user, team=team)


def check_credential(actor: Any, credential: Any, *, user: Any, team: Any) -> None:
    """A credential stays within its organization."""
    if actor.is_superuser and credential.organization_id is None and user is not None:
        return
    if credential.organization_id is None:
        raise BadRequest({"msg": "A credential without organization cannot be shared."})
    if team is not None and team.organization_id != credential.organization_id:
        raise BadRequest({"msg": "The team belongs to another organization than the credential."})
    if user is not None and not user.is_superuser and not in_organization(user, credential.organization):
        raise BadRequest({"msg": "The user is not in the organization of the credential."})


def in_organization(user: Any, organization: RoleModel) -> bool:
    """Whether the user is a member or administrator of the organization."""
    held = type(organization).held(user, [organization])[organization.pk]
    return bool({"member", "change"} & held)
