"""roles, role_definitions, role_user_assignments, role_team_assignments, role_metadata."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import BadRequest
from apps.core.registry import page, register
from apps.core.resources import Resource, View
from apps.core.sublists import Sub

from . import services
from .access import AssignmentAccess, DefinitionAccess, RoleAccess, may_administer
from .definitions import MODELS, allowed_on, dotted, dotted_model, order_key
from .hierarchy import children_of, parents_of
from .models import ObjectRole, RoleDefinition, RoleTeamAssignment, RoleUserAssignment
from .rules import check_giving
from .serializers import (
    RoleDefinitionSerializer,
    RoleMetadataSerializer,
    RoleSerializer,
    TeamAssignmentSerializer,
    UserAssignmentSerializer,
)


def holders(model_name: str) -> Any:
    """Rows of a role's users or teams."""

    def rows(role: ObjectRole, user: Any) -> Any:
        from apps.core import registry

        model = registry.by_slug(model_name).model
        flag = services.SYSTEM.get(role.role_field)
        if flag is not None:
            return model.objects.filter(**{flag: True}) if model_name == "users" else model.objects.none()
        return model.objects.filter(role_assignments__object_role=role)

    return rows


def give_user(user: Any, role: ObjectRole, child: Any) -> None:
    """POST roles/N/users/ {"id": …}."""
    check_giving(user, role, user=child)
    if not services.set_system_role(child, role, held=True):
        services.grant(role, user=child)


def take_user(user: Any, role: ObjectRole, child: Any) -> None:
    """POST roles/N/users/ {"id": …, "disassociate": true}."""
    check_taking(user, role, child)
    if not services.set_system_role(child, role, held=False):
        services.revoke(role, user=child)


def give_team(user: Any, role: ObjectRole, child: Any) -> None:
    """POST roles/N/teams/ {"id": …}."""
    check_giving(user, role, team=child)
    services.grant(role, team=child)


def take_team(user: Any, role: ObjectRole, child: Any) -> None:
    """POST roles/N/teams/ {"id": …, "disassociate": true}."""
    check_taking(user, role, child)
    services.revoke(role, team=child)


def check_taking(user: Any, role: ObjectRole, receiver: Any) -> None:
    """Whoever may give a role to someone may take it from him."""
    if not may_administer(user, role, receiver):
        raise PermissionDenied


@register("roles")
class Roles(Resource):
    """AWX's classic roles."""

    model = ObjectRole
    serializer_class = RoleSerializer
    access = RoleAccess
    joins = ("role_definition",)
    list_methods = ("get",)
    detail_methods = ("get",)
    search = ("role_field", "content_type__model")
    filterable = ("role_field", "content_type", "object_id")
    filter_aliases: ClassVar[dict[str, str]] = {"members": "roleuserassignments__user"}
    kinds = ("role",)
    title_noun = "Role"
    summary = ("id", "role_field")
    unlinked = ("parents", "children")
    sublists = (
        Sub("users", slug="users", rows=holders("users"), attach=True, parent_role="view", visible_all=True,
            on_attach=give_user, on_detach=take_user),
        Sub("teams", slug="teams", rows=holders("teams"), attach=True, parent_role="view", visible_all=True,
            on_attach=give_team, on_detach=take_team),
        Sub("parents", slug="roles", rows=lambda role, user: parents_of(role)),
        Sub("children", slug="roles", rows=lambda role, user: children_of(role)),
    )  # fmt: skip

    @classmethod
    def rows(cls) -> Any:
        """Classic roles only; custom definitions have their own paths."""
        return ObjectRole.objects.exclude(role_field="")


@register("role_definitions")
class RoleDefinitions(Resource):
    """Named sets of permissions."""

    model = RoleDefinition
    serializer_class = RoleDefinitionSerializer
    access = DefinitionAccess
    filterable = ("content_type",)
    unfilterable = ("permissions",)
    summary = ("id", "name", "description", "managed")
    sublists = (
        Sub("team_assignments", source="roleteamassignments"),
        Sub("user_assignments", source="roleuserassignments"),
    )

    @classmethod
    def rows(cls) -> Any:
        """Those that exist for classic roles alone are not shown."""
        return RoleDefinition.objects.filter(listed=True)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Managed definitions stay as they are."""
        self.refuse_managed(self.get_object())
        answer = super().update(request, pk, partial=partial)
        services.announce()
        return answer

    def check_delete(self, obj: RoleDefinition) -> None:
        """Managed definitions stay."""
        self.refuse_managed(obj)

    def refuse_managed(self, obj: RoleDefinition) -> None:
        """400 for managed ones (403 for whoever may not write at all)."""
        if not self.request.user.is_superuser:
            raise PermissionDenied
        if obj.managed:
            raise BadRequest(["A managed role definition cannot be changed or deleted."])

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What OPTIONS says of fields whose class says otherwise."""
        return {"content_type": "id"}.get(name)

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """A definition may be of no kind: that it is global is one of the choices."""
        fields["content_type"]["choices"].insert(0, [None, "---------"])
        return fields


class Assignments(Resource):
    """Both kinds of assignments: made and removed, never changed."""

    access = AssignmentAccess
    detail_methods = ("get", "delete")
    search = ("role_definition__name",)
    filterable = ("content_type",)
    summary = ("id",)

    def perform_destroy(self, obj: Any) -> None:
        """Take the role away."""
        who = {"user": obj.user} if hasattr(obj, "user") else {"team": obj.team}
        services.revoke(obj.object_role, **who)

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What OPTIONS says of fields whose class says otherwise."""
        return {"content_type": "id"}.get(name)


@register("role_user_assignments")
class RoleUserAssignments(Assignments):
    """Roles of users."""

    model = RoleUserAssignment
    serializer_class = UserAssignmentSerializer


@register("role_team_assignments")
class RoleTeamAssignments(Assignments):
    """Roles of teams."""

    model = RoleTeamAssignment
    serializer_class = TeamAssignmentSerializer


@page("role_metadata/")
class RoleMetadata(View, GenericAPIView):
    """Which permissions a definition for each kind of object may hold."""

    title = "Role Metadata"
    serializer_class = RoleMetadataSerializer

    def get(self, request: Request) -> Response:
        """{kind: [permissions]}."""
        shown = {dotted_model(m): [dotted(p) for p in sorted(allowed_on(m), key=order_key)] for m in sorted(MODELS)}
        return Response({"allowed_permissions": shown})
