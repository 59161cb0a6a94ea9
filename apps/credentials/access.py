"""Who may do what with credential types, credentials and their links to lookups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps

from apps.core.access import Access, OpenAccess


class CredentialTypeAccess(OpenAccess):
    """Everyone reads types; superusers write them."""

    def offers_add(self) -> bool:
        """Superusers only."""
        return self.everything

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """The same for all types."""
        return {obj.pk: dict.fromkeys(wanted, self.everything) for obj in objects}


class CredentialAccess(Access):
    """Credentials are made for oneself, for a team that one administers, or in an organization by its right."""

    needs = {"organization": "add_credential"}

    def offers_add(self) -> bool:
        """Everyone may make one of his own."""
        return True

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """The right to each owner that is named; without an owner the serializer says what is missing."""
        if self.everything or not data:
            return True
        owners = {name: data.get(name) for name in ("user", "team", "organization") if data.get(name)}
        return bool(owners) and all(self.may_own(name, owner) for name, owner in owners.items())

    def may_own(self, name: str, owner: Any) -> bool:
        """Whether a credential may be made for this owner (an object or an id)."""
        if name == "organization":
            return self.holds(name, owner, "add_credential")
        model = apps.get_model("identity", name)
        if not isinstance(owner, model):
            if not str(owner).isdecimal():
                return True
            owner = model.objects.filter(pk=int(owner)).first()
        if owner is None or owner == self.user:
            return True
        return self.allows(owner, "change")

    def may(self, action: str, obj: Any) -> bool:
        """What the server itself keeps cannot be deleted."""
        if action == "delete" and obj.managed:
            return False
        return super().may(action, obj)

    def may_copy(self, obj: Any) -> bool:
        """The right to make one in its organization, and to use all that its links look up with."""
        if self.everything:
            return True
        if (
            obj.organization_id is None
            or not self.may("use", obj)
            or not self.may_use({"organization": obj.organization})
        ):
            return False
        return all(
            self.may("use", link.source_credential) for link in obj.input_sources.select_related("source_credential")
        )

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` is the right to make one in the organization."""
        objects = list(objects)
        out = super().capabilities(objects, {name: action for name, action in wanted.items() if name != "copy"})
        organization = self.model._meta.get_field("organization").related_model
        ids = {obj.organization_id for obj in objects} - {None}
        held = (
            {} if self.everything or not ids else organization.held(self.user, organization.objects.filter(pk__in=ids))
        )
        for obj in objects:
            out[obj.pk]["copy"] = self.everything or "add_credential" in held.get(obj.organization_id, ())
        return out


class CredentialInputSourceAccess(Access):
    """Links are made by whoever administers the target and may use the source."""

    needs = {"target_credential": "change", "source_credential": "use"}

    def offers_add(self) -> bool:
        """The credentials decide."""
        return True
