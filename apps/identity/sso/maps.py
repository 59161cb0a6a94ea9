"""Organization and team maps: which memberships follow from a sign-on, and which end with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.core import events
from apps.identity.models import Organization, Team
from apps.rbac import services
from apps.rbac.models import RoleUserAssignment

ORGANIZATION_ROLES = {"admins": "admin_role", "users": "member_role", "auditors": "auditor_role"}
KINDS: dict[str, type[Any]] = {"organization": Organization, "team": Team}
Matches = Callable[[Any], bool | None]  # (what a map says) -> member, no member, or no opinion
Place = tuple[str, str]  # (organization, team); the team is "" for the organization itself


class Memberships:
    """The memberships that maps ask for, collected and then carried out at once."""

    def __init__(self) -> None:
        self.wanted: dict[Place, dict[str, bool]] = {}
        self.exclusive: set[tuple[type[Any], str]] = set()

    def say(self, place: Place, role: str, *, member: bool | None, remove: bool) -> None:
        """One opinion on one role: who is in by any rule is in; who is in by none leaves where a rule removes."""
        roles = self.wanted.setdefault(place, {})
        if member:
            roles[role] = True
        elif member is False and remove:
            roles.setdefault(role, False)

    def nowhere_else(self, kind: str, role: str) -> None:
        """The role ends in every organization or team that no rule names."""
        self.exclusive.add((KINDS[kind], role))

    def organizations(self, mapping: Mapping[str, Any] | None, matches: Matches) -> None:
        """Read an organization map."""
        for name, options in (mapping or {}).items():
            place = (str(options.get("organization_alias") or name), "")
            for key, role in ORGANIZATION_ROLES.items():
                remove = options.get(f"remove_{key}", options.get("remove", True))
                self.say(place, role, member=matches(options.get(key)), remove=bool(remove))

    def teams(self, mapping: Mapping[str, Any] | None, matches: Matches) -> None:
        """Read a team map; a team without an organization is none."""
        for name, options in (mapping or {}).items():
            if options.get("organization"):
                place = (str(options["organization"]), name)
                remove = bool(options.get("remove", True))
                self.say(place, "member_role", member=matches(options.get("users")), remove=remove)

    def carry_out(self, user: Any, *, create: bool = True) -> None:
        """Grant what is missing and revoke what is over; `create` makes organizations and teams that are not there."""
        places = found(self.wanted, create=create)
        for kind in (Organization, Team):
            objects = {obj.pk: (place, obj) for place, obj in places.items() if isinstance(obj, kind)}
            held = roles_held(user, kind, list(objects))
            for pk, (place, obj) in objects.items():
                for role, member in self.wanted[place].items():
                    if member != ((pk, role) in held):
                        (services.grant if member else services.revoke)(obj.role(role), user=user)
            self.end_others(user, kind, objects)

    def end_others(self, user: Any, kind: type[Any], objects: Mapping[int, tuple[Place, Any]]) -> None:
        """Revoke exclusive roles in objects where nothing grants them."""
        roles = [role for other, role in self.exclusive if other is kind]
        rows = RoleUserAssignment.objects.filter(
            user=user, content_type=ContentType.objects.get_for_model(kind), object_role__role_field__in=roles
        ).select_related("object_role")
        for row in rows if roles else ():
            wanted = self.wanted[objects[row.object_id][0]] if row.object_id in objects else {}
            if not wanted.get(row.object_role.role_field):
                services.revoke(row.object_role, user=user)


def roles_held(user: Any, kind: type[Any], ids: list[int]) -> set[tuple[int, str]]:
    """(object, role) of what the user holds himself."""
    rows = RoleUserAssignment.objects.filter(
        user=user, content_type=ContentType.objects.get_for_model(kind), object_id__in=ids
    )
    return set(rows.values_list("object_id", "object_role__role_field"))


def found(places: Mapping[Place, Any], *, create: bool) -> dict[Place, Any]:
    """The organizations and teams of these names."""
    names = {organization for organization, _ in places}
    organizations = {row.name: row for row in Organization.objects.filter(name__in=names)}
    for name in sorted(names - set(organizations)) if create else ():
        made, new = Organization.objects.get_or_create(name=name)
        organizations[name] = made
        if new:
            events.organization_created.send(sender=Organization, organization=made)
    rows = Team.objects.filter(organization__in=organizations.values(), name__in={team for _, team in places if team})
    teams = {(row.organization_id, row.name): row for row in rows}
    out: dict[Place, Any] = {}
    for organization, team in places:
        home = organizations.get(organization)
        if home is None:
            continue
        if not team:
            out[organization, ""] = home
            continue
        row = teams.get((home.pk, team))
        if row is None and create:
            row = Team.objects.get_or_create(organization=home, name=team)[0]
        if row is not None:
            out[organization, team] = row
    return out
