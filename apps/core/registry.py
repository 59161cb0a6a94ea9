"""The one table of resources and pages: which class serves which model, and under which name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from django.db.models import Model

    from .resources import Resource

_by_slug: dict[str, type[Resource]] = {}
_by_model: dict[type[Model], type[Resource]] = {}
_pages: dict[str, Page] = {}


@dataclass(frozen=True)
class Page:
    """A path of the API that is no resource: /api/v2/ping/, /api/v2/settings/all/."""

    route: str
    view: Any
    root: str  # the key in the API root, or empty


def register(slug: str, *, primary: bool = True) -> Callable[[type[Resource]], type[Resource]]:
    """Class decorator: `@register("teams")` serves the resource at /api/v2/teams/.

    `primary=False` is for a second face of a model (constructed inventories): links to its rows go to the first one.
    """

    def add(resource: type[Resource]) -> type[Resource]:
        if slug in _by_slug:
            raise ImproperlyConfigured(f"Two resources are named {slug!r}.")
        resource.slug = slug
        if "summary" not in resource.__dict__:
            columns = {field.name for field in resource.model._meta.concrete_fields}
            resource.summary = tuple(
                name for name in resource.summary if name.partition("=")[0] in columns or "=" in name
            )
        _by_slug[slug] = resource
        if primary:
            _by_model[resource.model] = resource
        return resource

    return add


def page(route: str, *, root: str = "") -> Callable[[Any], Any]:
    """Class decorator for a DRF view at /api/v2/<route>; `root` is its key in the API root."""

    def add(view: Any) -> Any:
        if route in _pages:
            raise ImproperlyConfigured(f"Two pages are served at {route!r}.")
        _pages[route] = Page(route, view, root)
        return view

    return add


def resources() -> Collection[type[Resource]]:
    """Every resource, in the order of registration."""
    return _by_slug.values()


def pages() -> Collection[Page]:
    """Every page that is no resource."""
    return _pages.values()


def by_slug(slug: str) -> type[Resource]:
    """The resource served under `slug`; KeyError where none is."""
    return _by_slug[slug]


def for_model(model: type[Model]) -> type[Resource]:
    """The resource that serves `model` or the nearest of its parents; KeyError where none does."""
    for base in model.__mro__:
        if base in _by_model:
            return _by_model[base]
    raise KeyError(model)


def find_model(model: type[Model]) -> type[Resource] | None:
    """The resource that serves `model`, or None."""
    return next((_by_model[base] for base in model.__mro__ if base in _by_model), None)
