"""Who may do what with applications and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.core import registry
from apps.core.access import Access
from apps.core.errors import BadRequest
from apps.rbac.mixins import visible_q

from .models import OAuth2Application
from .validators import may_have_tokens


class ApplicationAccess(Access):
    """Administrators of the organization make and change applications; its members see and use them."""

    needs = {"organization": "change"}
    creator_needs = ("organization",)

    def visible(self, queryset: Any) -> Any:
        """Those of organizations that the user sees."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        organizations = registry.by_slug("organizations").model
        return queryset.filter(visible_q(organizations, self.user, "organization"))


class TokenAccess(Access):
    """Everyone makes tokens for himself; whoever administers an application also rules its tokens."""

    def visible(self, queryset: Any) -> Any:
        """Own tokens, and those of applications in organizations that the user administers."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        organizations = registry.by_slug("organizations").model
        administered = visible_q(organizations, self.user, "application__organization", "change")
        return queryset.filter(Q(user=self.user) | administered)

    def may(self, action: str, obj: Any) -> bool:
        """One's own, or those of an application that one may change."""
        if self.everything or obj.user_id == self.user.pk:
            return True
        if action == "view":
            return bool(self.visible(type(obj).objects.filter(pk=obj.pk)).exists())
        return obj.application is not None and self.allows(obj.application, "change")

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Anyone who may have tokens; an application must be one that the user sees."""
        if not may_have_tokens(self.user):
            raise PermissionDenied("Users of an external sign-on may not have tokens here.")
        application = data.get("application")
        if application in (None, ""):
            return True
        return self.allows(self.application(application), "view")

    @staticmethod
    def application(value: Any) -> OAuth2Application:
        """The application of an id; 400 where there is none."""
        if isinstance(value, OAuth2Application):
            return value
        text = str(value)
        found = text.isdecimal() and OAuth2Application.objects.filter(pk=int(text[:18])).first()
        if not found or isinstance(value, bool):
            raise BadRequest({"detail": "There is no application with this id."})
        return found

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """As `may` says; a token never moves to another application."""
        return self.may("change", obj)

    def offers_add(self) -> bool:
        """Everyone."""
        return True

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """Tokens show none."""
        return {}
