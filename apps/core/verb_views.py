"""The base of verbs' views: finds the parent object, checks a right, serves OPTIONS."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView

from .resources import Resource, View


class VerbView(View, GenericAPIView):
    """`self.get_object()` is the object of the URL, visible to the user; `self.require(action)` checks a right on it.

    `serializer_class` (of the input) is what OPTIONS shows as `actions.POST`.
    """

    resource: ClassVar[type[Resource]]  # set when the URL is made
    verb_name: ClassVar[str]
    serializer_class: Any = None
    search_fields: tuple[str, ...] = ()
    pagination_class = None
    filter_backends = ()

    def get_object(self) -> Any:
        """The object of the URL, if the user may see it."""
        return self.resource.find(self.request.user, self.kwargs["pk"])

    def require(self, action: str) -> Any:
        """The object of the URL; 403 where the user may see it but not do `action`."""
        obj = self.get_object()
        if not self.resource.access_for(self.request.user).may(action, obj):
            raise PermissionDenied
        return obj

    def get_serializer_class(self) -> Any:
        """None where nothing is to be said of the body: OPTIONS then names no actions."""
        return self.serializer_class

    def get_queryset(self) -> Any:
        """The rows the object is looked for in (for OpenAPI)."""
        return self.resource.model._default_manager.none()

    def get_view_name(self) -> str:
        """`Job Template Launch`."""
        return f"{self.resource.noun()} {self.verb_name.replace('_', ' ').title()}"
