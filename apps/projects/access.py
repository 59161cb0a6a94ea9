"""Who may do what with projects."""

from __future__ import annotations

from apps.core.access import Access


class ProjectAccess(Access):
    """Project administrators of an organization make projects."""

    needs = {
        "organization": "add_project",
        "credential": "use",
        "signature_validation_credential": "use",
        "default_environment": "view",
    }
    creator_needs = ("organization",)
