"""Who may do what with projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access

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

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """A manual project cannot be updated, so it is not offered."""
        objects = list(objects)
        out = super().capabilities(objects, wanted)
        for obj in objects:
            if not obj.scm_type:
                out[obj.pk] |= dict.fromkeys(out[obj.pk].keys() & set(SOURCED), False)
        return out
