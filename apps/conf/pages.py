"""settings/, settings/<category>/, settings/all/, settings/changed/, settings/logging/test/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import serializers, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import Conflict
from apps.core.pagination import Pagination
from apps.core.registry import page
from apps.core.views import PageView

from . import collector, live, registry, services
from .registry import Declared
from .serializers import keys_of, serializer_for


def login_page() -> dict[str, str]:
    """What /api/ tells interfaces about their login page."""
    names = ("CUSTOM_LOGO", "CUSTOM_LOGIN_INFO", "LOGIN_REDIRECT_OVERRIDE")
    return {name.lower(): live.get(name) for name in names}


def changed_settings() -> list[Declared]:
    """The settings that have a value of their own, and what only the installation itself sets."""
    names = set(live.changed()) | {"INSTALL_UUID"}
    return [setting for setting in registry.all_settings() if setting.key in names]


SPECIAL: dict[str, Callable[[], list[Declared]]] = {
    "all": lambda: list(registry.all_settings()),
    "changed": changed_settings,
}


class SettingsPage(PageView):
    """Settings are for superusers; the system auditor reads them."""

    def check_permissions(self, request: Request) -> None:
        """401 for nobody, 403 for others than superusers."""
        super().check_permissions(request)
        user: Any = request.user
        if not (user.is_superuser or (user.is_system_auditor and request.method in SAFE_METHODS)):
            raise PermissionDenied


class CategorySerializer(serializers.Serializer):
    """A category in the list."""

    url = serializers.CharField(read_only=True, label="URL")
    slug = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)


@page("settings/", root="settings")
class Categories(SettingsPage):
    """The categories, by name."""

    title = "Setting Categories"
    pagination_class = Pagination

    def get_serializer(self, *args: Any, **kwargs: Any) -> CategorySerializer:
        """For OPTIONS."""
        return CategorySerializer(*args, **kwargs)

    def get_serializer_class(self) -> type[CategorySerializer]:
        """For OPTIONS."""
        return CategorySerializer

    def get(self, request: Request) -> Response:
        """A page of them."""
        names = {"all": "All", "changed": "Changed"} | {c.slug: c.name for c in registry.categories()}
        rows = [{"url": f"{request.path}{slug}/", "slug": slug, "name": names[slug]} for slug in sorted(names)]
        pages = Pagination()
        shown = pages.paginate_queryset(rows, request)
        return pages.get_paginated_response(list(CategorySerializer(shown, many=True).data))


@page("settings/<slug:category>/")
class CategoryPage(SettingsPage):
    """One category: read, change, reset."""

    title = "Setting Detail"

    def declared(self) -> list[Declared]:
        """What this category holds; 404 for an unknown one."""
        slug = self.kwargs.get("category", "all")  # OpenAPI describes one page for all categories
        found = SPECIAL[slug]() if slug in SPECIAL else registry.in_category(slug)
        if not found:
            raise Http404
        return found

    def get_serializer_class(self) -> Any:
        """Of the category's settings."""
        return serializer_for(keys_of(self.declared()))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Of the category's settings."""
        return self.get_serializer_class()(*args, **kwargs)

    def metadata_serializer(self, method: str) -> Any:
        """OPTIONS shows under `changed` everything that may turn up there."""
        if method == "GET" and self.kwargs["category"] == "changed":
            return serializer_for(keys_of(registry.all_settings()))()
        return self.get_serializer()

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Defaults and categories, which the fields themselves do not know."""
        for key, info in fields.items():
            setting = registry.find(key)
            info["category_slug"] = setting.category
            if method != "GET":
                info["default"] = setting.initial()
        return fields

    def shown(self) -> dict[str, Any]:
        """The values now."""
        return self.get_serializer().to_representation(None)

    def get(self, request: Request, category: str) -> Response:
        """All values, as the table has them this moment; secrets masked."""
        live.forget()
        return Response(self.shown())

    def put(self, request: Request, category: str) -> Response:
        """Change; required settings must be there."""
        return self.write(request, partial=False)

    def patch(self, request: Request, category: str) -> Response:
        """Change some; those of other categories are ignored."""
        return self.write(request, partial=True)

    def write(self, request: Request, *, partial: bool) -> Response:
        """Check and store."""
        serializer = self.get_serializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        services.change(serializer.validated_data)
        return Response(self.shown())

    def delete(self, request: Request, category: str) -> Response:
        """Back to the defaults."""
        services.reset(setting.key for setting in self.declared() if not setting.read_only)
        return Response(status=status.HTTP_204_NO_CONTENT)


@page("settings/logging/test/")
class LoggingTest(SettingsPage):
    """Sends one line to the external collector."""

    title = "Logging Connectivity Test"

    def get_serializer_class(self) -> Any:
        """For OPTIONS: what may be sent along, though only the stored settings are tested."""
        return serializer_for(keys_of(registry.all_settings()))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """For OPTIONS."""
        return self.get_serializer_class()(*args, **kwargs)

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Defaults."""
        for key, info in fields.items():
            info["default"] = registry.find(key).initial()
        return fields

    def post(self, request: Request) -> Response:
        """202 where the line was taken, 400 where it was not, 409 where logging is off."""
        if not live.get("LOG_AGGREGATOR_ENABLED"):
            raise Conflict({"error": "Logging to an external collector is switched off."})
        try:
            collector.send_test()
        except collector.UnreachableError as error:
            return Response({"error": str(error)}, status=status.HTTP_400_BAD_REQUEST)
        return Response(status=status.HTTP_202_ACCEPTED)
