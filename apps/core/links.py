"""Relative URLs of objects: built from the registry, no reverse(), no query.

They lead below the prefix at which the API was asked (`core.prefixes`), so nothing that outlives a request keeps them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from . import prefixes, registry


def page_url(route: str) -> str:
    """/api/v2/<route>: a page, or a path below one."""
    return f"{prefixes.current().at(route)}{route}"


def list_url(slug: str) -> str:
    """/api/v2/<slug>/"""
    return f"{prefixes.current().at(slug)}{slug}/"


def model_url(model: type[Model], pk: Any) -> str | None:
    """The detail of row `pk` of `model`, or None where no resource serves it."""
    resource = registry.find_model(model)
    return f"{list_url(resource.slug)}{pk}/" if resource and resource.has_detail else None


def object_url(obj: Any) -> str:
    """The detail of an object; the resource of a polymorphic child is that of its own class."""
    return f"{list_url(registry.for_model(type(obj)).slug)}{obj.pk}/"
