"""URLs from declarations: a resource gives its list, its detail, its verbs and one URL a sub-list."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from . import registry
from .copying import CopyView
from .resources import Resource
from .sublist_views import bind
from .verb_views import VerbView
from .views import RootView

Route = tuple[str, Any, str]  # path, view, name

LIST = {"get": "list", "post": "create", "delete": "destroy_all"}
DETAIL = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def basename(resource: type[Resource]) -> str:
    """The stem of the URL names."""
    return resource.slug.replace("/", "-")


def bind_verb(resource: type[Resource], name: str, view: type[VerbView]) -> Any:
    """A verb's view that knows its resource."""
    bound = type(f"{resource.__name__}{view.__name__}", (view,), {"resource": resource, "verb_name": name})
    return bound.as_view()


def resource_routes(resource: type[Resource]) -> list[Route]:
    """All URLs of one resource."""
    slug, base = resource.slug, basename(resource)
    routes: list[Route] = []
    if resource.list_methods:
        actions: dict[str, Any] = {method: LIST[method] for method in resource.list_methods}
        routes.append((f"{slug}/", resource.as_view(actions, detail=False), f"{base}-list"))
    if resource.has_detail:
        actions = {method: DETAIL[method] for method in resource.detail_methods}
        routes.append((f"{slug}/<int:pk>/", resource.as_view(actions, detail=True), f"{base}-detail"))
    for sub in resource.sublists:
        view = bind(resource, sub).as_view({m: LIST[m] for m in sub.methods}, detail=False)
        routes.append((f"{slug}/<int:pk>/{sub.segment}/", view, f"{base}-{sub.segment}"))
    verbs = [(verb.name, verb.view) for verb in resource.verbs]
    if resource.copies is not None:
        verbs.append(("copy", CopyView))
    for name, verb_view in verbs:
        view = bind_verb(resource, name, verb_view)
        routes.append((f"{slug}/<int:pk>/{name}/", view, f"{base}-{name.replace('/', '-')}"))
    return routes


def grouped(routes: list[Route]) -> list[URLResolver]:
    """The routes below their first segments: a request is compared with the segments, then with a few routes."""
    groups: dict[str, list[URLPattern]] = {}
    for route, view, name in routes:
        first, slash, rest = route.partition("/")
        groups.setdefault(first + slash, []).append(path(rest, view, name=name))
    return [path(first, include(urls)) for first, urls in groups.items()]


def urlpatterns() -> list[URLPattern | URLResolver]:
    """Every URL below /api/v2/: pages first, since a page may lie below a resource's path."""
    routes: list[Route] = [
        (p.route, p.view.as_view(), re.sub(r"[^a-z_-]+", "-", p.route).strip("-")) for p in registry.pages()
    ]
    for resource in registry.resources():
        routes += resource_routes(resource)
    return [path("", RootView.as_view(), name="api-v2"), *grouped(routes)]
