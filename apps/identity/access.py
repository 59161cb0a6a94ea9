"""Who may do what with organizations, users, teams and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from apps.conf import live
from apps.core.access import Access
from apps.rbac.grants import granted, organization_type

from .models import Organization

PEOPLE = {"users": "member_role", "admins": "admin_role"}  # sub-lists of an organization -> the role they stand for


class OrganizationAccess(Access):
    """Superusers make organizations; their administrators run them."""

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Superusers only."""
        return self.everything

    def offers_add(self) -> bool:
        """Superusers only."""
        return self.everything

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Memberships follow MANAGE_ORGANIZATION_AUTH; instance groups belong to the system."""
        if sub.segment in PEOPLE:
            return self.may_give(parent, PEOPLE[sub.segment], child) and self.sees(child)
        if sub.segment == "instance_groups":
            return self.everything or (self.may("change", parent) and self.allows(child, "use"))
        return super().may_attach(parent, child, sub)

    def may_detach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Removing a member is managing memberships too."""
        if sub.segment in PEOPLE:
            return self.may_give(parent, PEOPLE[sub.segment], child)
        return super().may_detach(parent, child, sub)

    def may_create_in(self, parent: Any, sub: Any) -> bool:
        """The child's own rules decide; only new users need the administration of memberships."""
        return self.may_manage(parent) if sub.segment in PEOPLE else True

    def may_give(self, obj: Any, role_field: str, receiver: Any) -> bool:
        """Members are administered by whoever takes them in: only those that one could administer anyway."""
        if self.everything:
            return True
        if not self.may_manage(obj):
            return False
        person = role_field in PEOPLE.values() and isinstance(receiver, get_user_model())
        return not person or UserAccess(self.user, type(receiver)).takes_in(receiver)

    def may_manage(self, organization: Any) -> bool:
        """Whether the user may change who belongs to the organization."""
        return self.everything or (bool(live.get("MANAGE_ORGANIZATION_AUTH")) and self.may("change", organization))

    def sees(self, child: Any) -> bool:
        """Whether the user may see another user."""
        return UserAccess(self.user, type(child)).visible(type(child).objects.filter(pk=child.pk)).exists()


class UserAccess(Access):
    """Superusers administer users; administrators of organizations those of their own."""

    def visible(self, queryset: Any) -> Any:
        """Everyone for superusers, auditors and (by setting) administrators of any organization."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        if live.get("ORG_ADMINS_CAN_SEE_ALL_USERS") and self.administers():
            return queryset
        return queryset.visible_to(self.user)

    def administers(self) -> bool:
        """Whether the user administers or audits any organization."""
        kinds = ("change_organization", "audit_organization")
        return any(ids.exists() for kind in kinds for ids in granted(self.user, organization_type(), kind))

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Superusers; others make users below an organization, where its rules are asked."""
        return self.everything

    def offers_add(self) -> bool:
        """OPTIONS shows administrators of organizations too which fields a user has: they fill them in there."""
        return self.everything or self.user.organizations_as("admin_role").exists()

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Only superusers change flags, and only administrators of the user change his name, be it their own."""
        if self.everything:
            return True
        if not live.get("MANAGE_ORGANIZATION_AUTH") or not self.may("change", obj):
            return False
        flags = any(
            name in data and bool_of(data[name]) != getattr(obj, name) for name in ("is_superuser", "is_system_auditor")
        )
        renamed = data.get("username", obj.username) != obj.username
        return not flags and not (renamed and not self.administers_wholly(obj))

    def takes_in(self, person: Any) -> bool:
        """Whether the asker may bring someone into his organization, or send him away."""
        return self.administers_wholly(person) if person.pk == self.user.pk else self.may("delete", person)

    def administers_wholly(self, obj: Any) -> bool:
        """Whether the asker administers every organization of a user, and there is one."""
        if obj.is_system_auditor:
            return False
        places = set(obj.organizations_as("member_role", "admin_role"))
        return bool(places) and places <= self.user.administered()

    def may(self, action: str, obj: Any) -> bool:
        """Nobody deletes himself."""
        if action == "delete" and obj.pk == self.user.pk:
            return False
        return super().may(action, obj)

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """As `may` says, also for superusers."""
        out = super().capabilities(objects, wanted)
        if self.user.pk in out and "delete" in out[self.user.pk]:
            out[self.user.pk]["delete"] = False
        return out


def bool_of(value: Any) -> bool:
    """What a JSON value means as a flag."""
    return value in (True, 1, "1", "true", "True", "yes", "on")


class TeamAccess(Access):
    """Organization administrators make teams; members of the organization see them."""

    needs = {"organization": "add_team"}
    creator_needs = ("organization",)

    def visible(self, queryset: Any) -> Any:
        """Own teams and those of own organizations; administrators of any organization see all."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        people = UserAccess(self.user, get_user_model())
        if live.get("ORG_ADMINS_CAN_SEE_ALL_USERS") and people.administers():
            return queryset
        mine = Organization.objects.permitted_to(self.user, "member").values("pk")
        seen = queryset.model.objects.permitted_to(self.user, "view").values("pk")
        return queryset.filter(Q(organization__in=mine) | Q(pk__in=seen))

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Where MANAGE_ORGANIZATION_AUTH is off, teams come from elsewhere."""
        return self.everything or (bool(live.get("MANAGE_ORGANIZATION_AUTH")) and super().may_add(data))

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """The organization itself cannot change; the serializer says so."""
        return self.manages(obj)

    def may(self, action: str, obj: Any) -> bool:
        """Teams that come from elsewhere go there, too."""
        return super().may(action, obj) and (
            action != "delete" or self.everything or bool(live.get("MANAGE_ORGANIZATION_AUTH"))
        )

    def may_give(self, obj: Any, role_field: str, receiver: Any) -> bool:
        """Whoever manages the team gives its roles."""
        return self.manages(obj)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Members are managed by whoever may change the team and sees the user; roles have their own rule."""
        if sub.segment == "roles":
            return self.everything or self.allows(child, "change")
        seen = UserAccess(self.user, type(child)).visible(type(child).objects.filter(pk=child.pk))
        return self.manages(parent) and seen.exists()

    def may_detach(self, parent: Any, child: Any, sub: Any) -> bool:
        """As for attaching, though an unseen member may be removed."""
        return self.allows(child, "change") if sub.segment == "roles" else self.manages(parent)

    def may_create_in(self, parent: Any, sub: Any) -> bool:
        """Credentials have their own rule; users need the management of the team."""
        return True if sub.segment == "credentials" else self.manages(parent)

    def manages(self, team: Any) -> bool:
        """Whether the user may change who is in the team."""
        return self.everything or (bool(live.get("MANAGE_ORGANIZATION_AUTH")) and self.may("change", team))


class LabelAccess(Access):
    """Members of an organization make labels; its administrators change them."""

    needs = {"organization": "member"}
    creator_needs = ("organization",)
