"""Who sees which entries: those about objects that he sees; those of an organization need its administration."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q

from apps.core import registry
from apps.core.access import Access
from apps.rbac.grants import organization_type
from apps.rbac.models import RoleUserAssignment

from .kinds import KINDS
from .models import ActivityObject

# kinds that are shown by another rule than "whoever sees the object", or only to administrators and auditors
OWNED = ("label", "notification_template")
SPECIAL = frozenset(
    {"user", "organization", "role", "unified_job_template", "unified_job", "notification", *OWNED,
     "credential_type", "role_definition", "execution_environment"}
)  # fmt: skip


class ActivityAccess(Access):
    """Superusers and auditors see all entries; nobody writes any."""

    def visible(self, queryset: Any) -> Any:
        """The entries that this user may read."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        return queryset.filter(self.people() | self.things())

    def people(self) -> Q:
        """About oneself, about organizations one administers or audits, their members, labels and templates."""
        organizations = apps.get_model(KINDS["organization"])
        mine = organizations.objects.permitted_to(self.user, "change") | organizations.objects.permitted_to(
            self.user, "audit"
        )
        mine = mine.order_by().values("pk")
        members = RoleUserAssignment.objects.filter(content_type=organization_type(), object_id__in=mine)
        owned = Q(pk__in=[])
        for kind in OWNED:
            rows = apps.get_model(KINDS[kind])._default_manager.filter(organization__in=mine).order_by().values("pk")
            owned |= Q(pk__in=about(kind, rows))
        return (
            owned
            | Q(pk__in=about("user", [self.user.pk]))
            | Q(pk__in=about("organization", mine))
            | Q(pk__in=about("user", members.order_by().values("user_id")), object1="user", object2="")
        )

    def things(self) -> Q:
        """About any other object that the user sees."""
        out = Q(pk__in=[])
        for kind, label in KINDS.items():
            resource = registry.find_model(apps.get_model(label)) if kind not in SPECIAL else None
            if resource is not None:
                seen = resource.access_for(self.user).visible(resource.rows()).order_by().values("pk")
                out |= Q(pk__in=about(kind, seen))
        return out

    def may(self, action: str, obj: Any) -> bool:
        """Reading only."""
        return action == "view" and bool(self.visible(type(obj).objects.filter(pk=obj.pk)).exists())

    def may_add(self, data: Any) -> bool:
        """Nobody."""
        return False

    def offers_add(self) -> bool:
        """To nobody."""
        return False


def about(kind: str, ids: Any) -> Any:
    """Ids of the entries about these objects."""
    return ActivityObject.objects.filter(**{f"{kind}__in": ids}).order_by().values("entry_id")
