"""Who may do what with inventories and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.core.access import Access
from apps.core.errors import BadRequest
from apps.identity.models import Organization

from .models import Inventory


class InventoryAccess(Access):
    """Who administers an organization's inventories makes and copies them; a filter over hosts takes the same right."""

    needs = {"organization": "add_inventory"}
    creator_needs = ("organization",)

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """A new host filter may show hosts of the whole organization."""
        if not super().may_change(obj, data):
            return False
        wanted = data.get("host_filter")
        if self.everything or not wanted or wanted == obj.host_filter:
            return True
        organization = data.get("organization") or obj.organization
        return organization is not None and self.holds("organization", organization, "add_inventory")

    def may_copy(self, obj: Any) -> bool:
        """Read it, and make inventories in its organization."""
        if self.everything:
            return True
        return (
            obj.organization is not None and self.may("view", obj) and self.may_add({"organization": obj.organization})
        )

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` depends on the organization."""
        objects = list(objects)
        out = super().capabilities(objects, {name: action for name, action in wanted.items() if name != "copy"})
        if "copy" in wanted:
            ids = {obj.organization_id for obj in objects} - {None}
            rows = Organization.objects.filter(pk__in=ids)
            held = {} if self.everything or not ids else Organization.held(self.user, rows)
            for obj in objects:
                out[obj.pk]["copy"] = self.everything or "add_inventory" in held.get(obj.organization_id, ())
        return out

    def offers_add(self) -> bool:
        """Whether there is an organization to make one in."""
        return Organization.objects.permitted_to(self.user, "add_inventory").exists()


class MemberAccess(Access):
    """What lives in an inventory follows it; linking joins only what is of one inventory."""

    needs = {"inventory": "change"}
    creator_needs = ("inventory",)

    def offers_add(self) -> bool:
        """Whether there is an inventory to make one in."""
        return Inventory.objects.permitted_to(self.user, "change").exists()

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """An inventory that is not there is told before anything else, as a fault of the whole body."""
        inventory = data.get("inventory")
        if inventory in (None, "") and not self.everything:
            return self.offers_add()
        if inventory not in (None, "") and not isinstance(inventory, Inventory):
            text = str(inventory)
            known = not isinstance(inventory, bool) and text.isascii() and text.isdecimal() and len(text) < 18  # noqa: PLR2004
            if not known or not Inventory.objects.filter(pk=int(text)).exists():
                raise BadRequest({"detail": "There is no such inventory."})
        return self.everything or self.may_use(data)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Both are of one inventory."""
        mine, theirs = getattr(parent, "inventory_id", None), getattr(child, "inventory_id", None)
        if mine is not None and theirs is not None and mine != theirs:
            if not super().may_attach(parent, child, sub):
                return False
            raise BadRequest({"detail": "The two belong to different inventories."})
        return super().may_attach(parent, child, sub)


class HostAccess(MemberAccess):
    """Hosts stay where they are."""

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """A host cannot be given to another inventory."""
        wanted = data.get("inventory")
        if wanted not in (None, "") and str(getattr(wanted, "pk", wanted)) != str(obj.inventory_id):
            raise PermissionDenied("A host stays in its inventory.")
        return super().may_change(obj, {k: v for k, v in data.items() if k != "inventory"})


class GroupAccess(MemberAccess):
    """Groups stay where they are, too; a changed inventory is not looked at."""

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """The right to change the inventory."""
        return self.may("change", obj)


class InventorySourceAccess(MemberAccess):
    """Sources run content of a project and use a credential: both must be given."""

    needs = {"inventory": "change", "source_project": "use", "execution_environment": "view"}

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """A source stays in its inventory; what it newly points to must be usable."""
        fresh = {k: v for k, v in data.items() if k != "inventory"}
        return Access.may_change(self, obj, fresh) and self.may_use_credential(obj, fresh)

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """The inventory, the project and the credential."""
        return super().may_add(data) and self.may_use_credential(None, data)

    def may_use_credential(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Whether the credential in a body, where it is a new one, may be used."""
        from apps.credentials.models import Credential

        text = str(data.get("credential") or "")
        if self.everything or not text.isdecimal():
            return True
        credential = Credential.objects.filter(pk=int(text)).first()
        if credential is None or (obj is not None and obj.credentials.filter(pk=credential.pk).exists()):
            return True
        return self.allows(credential, "use")

    def may(self, action: str, obj: Any) -> bool:
        """Scheduling takes the right to start."""
        return super().may({"schedule": "update", "start": "update"}.get(action, action), obj)


class HostMetricAccess(Access):
    """The count of machines is the administrators' affair."""

    def visible(self, queryset: Any) -> Any:
        """Superusers and auditors."""
        allowed = self.user.is_superuser or self.user.is_system_auditor
        return queryset if allowed else queryset.filter(Q(pk__in=[]))

    def may(self, action: str, obj: Any) -> bool:
        """Superusers all, auditors only look."""
        return self.everything or (action == "view" and self.user.is_system_auditor)

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Rows come from jobs."""
        return False
