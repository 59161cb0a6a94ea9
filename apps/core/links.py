"""Relative URLs of objects: built from the registry, no reverse(), no query."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from . import registry

ROOT = "/api/v2/"


def list_url(slug: str) -> str:
    """/api/v2/<slug>/"""
    return f"{ROOT}{slug}/"


def model_url(model: type[Model], pk: Any) -> str | None:
    """The detail of row `pk` of `model`, or None where no resource serves it."""
    resource = registry.find_model(model)
    return f"{ROOT}{resource.slug}/{pk}/" if resource and resource.has_detail else None


def object_url(obj: Any) -> str:
    """The detail of an object; the resource of a polymorphic child is that of its own class."""
    return f"{ROOT}{registry.for_model(type(obj)).slug}/{obj.pk}/"
