"""Who may do what with instances, groups and execution environments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access

PERMANENT = ("default", "controlplane")
FIXED = ("name", "description", "organization", "image", "credential")  # of managed environments


def shown(value: Any) -> Any:
    """A value as a body gives it: an object by its id."""
    return getattr(value, "pk", value)


class InstanceAccess(Access):
    """Instances belong to the system; superusers register them."""

    def offers_add(self) -> bool:
        """Superusers only."""
        return self.everything

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Superusers only."""
        return self.everything


class InstanceGroupAccess(Access):
    """Groups are made by superusers and changed by their administrators; two of them stay for ever."""

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Superusers only."""
        return self.everything

    def offers_add(self) -> bool:
        """Superusers only."""
        return self.everything

    def may(self, action: str, obj: Any) -> bool:
        """The permanent groups are never deleted."""
        return not (action == "delete" and obj.name in PERMANENT) and super().may(action, obj)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Which instances a group has is the system's affair."""
        return self.everything

    may_detach = may_attach

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """As `may` says, also for superusers."""
        objects = list(objects)
        out = super().capabilities(objects, wanted)
        for obj in objects:
            if obj.name in PERMANENT and "delete" in out[obj.pk]:
                out[obj.pk]["delete"] = False
        return out


class ExecutionEnvironmentAccess(Access):
    """Organizations have their own environments; global and managed ones are the system's."""

    needs = {"organization": "add_executionenvironment", "credential": "use"}
    creator_needs = ("organization",)

    def may(self, action: str, obj: Any) -> bool:
        """Managed environments are never deleted."""
        return not (action == "delete" and obj.managed) and super().may(action, obj)

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Of a managed one, only how it is pulled may change; only the system's superusers give one to everybody."""
        if obj.managed and any(name in data and shown(data[name]) != shown(getattr(obj, name)) for name in FIXED):
            return False
        if not self.may("change", obj):
            return False
        if obj.organization_id is not None and data.get("organization", obj.organization_id) in (None, ""):
            return self.everything
        return self.may_use({"credential": data["credential"]} if data.get("credential") else {})

    def may_copy(self, obj: Any) -> bool:
        """Whoever may make environments in its organization."""
        return self.everything or (
            obj.organization_id is not None and self.may_add({"organization": obj.organization_id})
        )

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` follows the organization; managed ones are not deleted."""
        objects = list(objects)
        out = super().capabilities(objects, {k: v for k, v in wanted.items() if k != "copy"})
        makers: dict[Any, bool] = {}
        for obj in objects:
            if obj.organization_id not in makers:
                makers[obj.organization_id] = self.may_copy(obj)
            out[obj.pk]["copy"] = makers[obj.organization_id]
            if obj.managed:
                out[obj.pk]["delete"] = False
        return out
