"""Who may do what with notification templates and notifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.core.access import Access
from apps.identity.models import Organization

ADD = "add_notificationtemplate"


class NotificationTemplateAccess(Access):
    """Templates are made by the notification administrators of an organization."""

    needs = {"organization": ADD}
    creator_needs = ("organization",)

    def offers_add(self) -> bool:
        """Whether there is an organization to make one in."""
        return self.everything or Organization.objects.permitted_to(self.user, ADD).exists()

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` is the right to make one in the organization."""
        objects = list(objects)
        out = super().capabilities(objects, {name: action for name, action in wanted.items() if name != "copy"})
        ids = {obj.organization_id for obj in objects} - {None}
        above = Organization.objects.filter(pk__in=ids)
        held = {} if self.everything or not ids else Organization.held(self.user, above)
        for obj in objects:
            out[obj.pk]["copy"] = self.everything or ADD in held.get(obj.organization_id, ())
        return out


class NotificationAccess(Access):
    """Whoever sees the template sees what was sent by it; nobody writes."""
