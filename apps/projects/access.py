"""Who may do what with projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access
from apps.core.errors import BadRequest

SOURCED = ("start", "schedule", "copy")  # what only projects with a source can do


class ProjectAccess(Access):
    """Project administrators of an organization make projects."""

    needs = {
        "organization": "add_project",
        "credential": "use",
        "signature_validation_credential": "use",
        "default_environment": "view",
    }
    creator_needs = ("organization",)

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Only superusers have projects without an organization; the others are told what is missing."""
        if not super().may_change(obj, data):
            return False
        if not self.everything and "organization" in data and data["organization"] is None:
            raise BadRequest({"__all__": ["An organization is missing."]})
        return True

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """A manual project cannot be updated, so it is not offered."""
        objects = list(objects)
        out = super().capabilities(objects, wanted)
        for obj in objects:
            if not obj.scm_type:
                out[obj.pk] |= dict.fromkeys(out[obj.pk].keys() & set(SOURCED), False)
        return out
