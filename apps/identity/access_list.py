"""access_list/: who has access to an object, and why."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from apps.core import links, registry
from apps.core.sublists import Sub
from apps.rbac.definitions import NAMES, describe
from apps.rbac.grants import organization_type
from apps.rbac.models import ObjectRole, RoleTeamAssignment, RoleUserAssignment

from .models import Team
from .serializers import UserSerializer


class Reach:
    """The roles that give access to one object: its own, and those of its organization that reach it."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj
        self.kind = ContentType.objects.get_for_model(type(obj))
        self.model = type(obj)._meta.model_name
        path = getattr(type(obj), "organization_path", "")
        self.organization = getattr(obj, path) if path else None

    def roles(self) -> Q:
        """A condition on assignments."""
        own = Q(content_type=self.kind, object_id=self.obj.pk)
        if self.organization is None:
            return own
        above = Q(content_type=organization_type(), object_id=self.organization)
        return own | (above & Q(role_definition__permissions__overlap=self.codenames()))

    def codenames(self) -> list[str]:
        """Permissions that concern this kind of object."""
        from apps.rbac.definitions import all_of

        return sorted(all_of(self.model))

    def team_members(self) -> dict[int, set[int]]:
        """{team: members} of the teams that have access."""
        teams = RoleTeamAssignment.objects.filter(self.roles()).values_list("team_id", flat=True)
        kind, out = ContentType.objects.get_for_model(Team), defaultdict(set)
        rows = RoleUserAssignment.objects.filter(
            content_type=kind, object_id__in=list(teams), role_definition__permissions__contains=["member_team"]
        )
        for team, user in rows.values_list("object_id", "user_id"):
            out[team].add(user)
        return out


def users_with_access(obj: Any, asker: Any) -> Any:
    """Users with any role that reaches the object, superusers and the system auditor."""
    people = get_user_model().objects
    if isinstance(obj, models.Model) and isinstance(obj, get_user_model()):
        return people.filter(Q(pk=obj.pk) | Q(is_superuser=True))
    reach = Reach(obj)
    direct = RoleUserAssignment.objects.filter(reach.roles()).values("user_id")
    members = {user for users in reach.team_members().values() for user in users}
    return people.filter(Q(pk__in=direct) | Q(pk__in=members) | Q(is_superuser=True) | Q(is_system_auditor=True))


class AccessListSerializer(UserSerializer):
    """A user with `direct_access` and `indirect_access` in the summary."""

    class Meta(UserSerializer.Meta):
        capabilities: dict[str, str] = {}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The roles of a page of users, in a constant number of queries."""
        out = super().summarize(objects)
        for user in objects:
            out[user.pk] |= {"direct_access": [], "indirect_access": []}
        obj = self.context["view"].get_parent()
        if not isinstance(obj, get_user_model()):
            self.add_roles(Reach(obj), objects, out)
        self.add_system(objects, out)
        return out

    def add_roles(self, reach: Reach, users: list[Any], out: dict[Any, Any]) -> None:
        """Roles of users, and of their teams."""
        unattach = self.context["view"].parent.access_for(self.user).may("change", reach.obj)
        seen = RoleUserAssignment.objects.filter(reach.roles(), user__in=users).select_related("role_definition")
        for row in seen:
            self.add(out[row.user_id], reach, row, self.entry(reach, row, unattach))
        teams = RoleTeamAssignment.objects.filter(reach.roles()).select_related("role_definition", "team__organization")
        members = reach.team_members()
        for row in teams:
            team = {"team_id": row.team_id, "team_name": row.team.name}
            team["team_organization_name"] = row.team.organization.name
            for user in users:
                if user.pk in members[row.team_id]:
                    self.add(out[user.pk], reach, row, self.entry(reach, row, unattach, team))

    @staticmethod
    def add(entries: dict[str, Any], reach: Reach, row: Any, entry: dict[str, Any]) -> None:
        """Roles on the object itself are direct."""
        direct = (row.content_type_id, row.object_id) == (reach.kind.pk, reach.obj.pk)
        entries["direct_access" if direct else "indirect_access"].append(entry)

    def entry(self, reach: Reach, row: Any, unattach: bool, team: dict[str, Any] | None = None) -> dict[str, Any]:  # noqa: FBT001
        """One role as the list shows it."""
        own = row.content_type_id == reach.kind.pk
        target = reach.obj if own else reach.obj.organization
        field, kind = row.role_definition.role_field, registry.for_model(type(target)).type_name(type(target))
        noun = str(type(target)._meta.verbose_name)
        role = {
            "id": row.object_role_id,
            "name": NAMES.get(field, row.role_definition.name),
            "description": describe(type(target)._meta.model_name, field, noun)
            if field
            else row.role_definition.description,
            **(team or {}),
            "resource_name": str(target),
            "resource_type": kind,
            "related": {kind: links.object_url(target)},
            "user_capabilities": {"unattach": unattach},
        }
        return {"role": role, "descendant_roles": self.descendants(row.role_definition, reach)}

    @staticmethod
    def descendants(definition: Any, reach: Reach) -> list[str]:
        """The object's classic roles that this one includes."""
        held, out = set(definition.permissions), []
        for field, wanted in reach_roles(reach.kind):
            if set(wanted) & set(reach.codenames()) <= held:
                out.append(field)
        return sorted(out)

    def add_system(self, users: list[Any], out: dict[Any, Any]) -> None:
        """Superusers and auditors reach everything."""
        ids = dict(ObjectRole.objects.filter(content_type=None).values_list("role_field", "pk"))
        for user in users:
            for column, field in (("is_superuser", "system_administrator"), ("is_system_auditor", "system_auditor")):
                if getattr(user, column) and field in ids:
                    role = {
                        "id": ids[field],
                        "name": NAMES[field],
                        "description": describe("", field, "system"),
                        "user_capabilities": {"unattach": False},
                    }
                    out[user.pk]["indirect_access"].append({"role": role, "descendant_roles": []})


def reach_roles(kind: ContentType) -> list[tuple[str, list[str]]]:
    """The classic roles of a kind of object, with their permissions."""
    from apps.rbac.definitions import MANAGED

    return [(d.role_field, sorted(d.permissions)) for d in MANAGED if d.model == kind.model and d.role_field]


ACCESS_LIST = Sub(
    "access_list", slug="users", rows=users_with_access, visible_all=True, serializer=AccessListSerializer
)
