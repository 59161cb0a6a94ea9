"""Natural keys: what stands in a file for an object, and the object that stands behind it here."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from apps.core import registry

from .kinds import Kind, kind_of

Reference = dict[str, Any]


class UnknownError(Exception):
    """Nothing here has this natural key; the sentence says which."""


class References:
    """Remembers what it looked up: a template's project is the same for hundreds of templates."""

    def __init__(self) -> None:
        self.written: dict[tuple[Any, Any], Reference] = {}
        self.found: dict[str, Any] = {}

    # --- from objects to keys ----------------------------------------------------------------------------------------

    def of(self, model: Any, pk: Any) -> Any:
        """The reference to row `pk` of a model, or None for none."""
        if pk is None:
            return None
        if model is ContentType:
            return ContentType.objects.get_for_id(pk).model
        model = self.real(model, pk)
        if (model, pk) not in self.written:
            slug = registry.for_model(model).slug
            obj = model._base_manager.get(pk=pk)
            self.written[model, pk] = {"kind": slug, "key": self.key(kind_of(slug), obj)}
        return self.written[model, pk]

    @staticmethod
    def real(model: Any, pk: Any) -> Any:
        """The model of a row of a family (of a template: job template, project, …)."""
        if model.__name__ != "UnifiedJobTemplate":
            return model
        kind = model.objects.non_polymorphic().values_list("polymorphic_ctype", flat=True).get(pk=pk)
        return ContentType.objects.get_for_id(kind).model_class()

    def key(self, kind: Kind, obj: Any) -> list[Any]:
        """The natural key of an object."""
        return [self.value(obj, obj._meta.get_field(name)) for name in kind.key]

    def value(self, obj: Any, column: models.Field) -> Any:
        """A column as it stands in a file."""
        value = getattr(obj, column.attname)
        return self.of(column.related_model, value) if column.is_relation else value

    # --- from keys to objects ----------------------------------------------------------------------------------------

    def find(self, reference: Any) -> Any:
        """The id behind a reference; UnknownError where there is none."""
        if reference is None:
            return None
        if isinstance(reference, str):
            return ContentType.objects.get(model=reference, app_label__in=app_labels()).pk
        name = json.dumps(reference, sort_keys=True)
        if name not in self.found:
            obj = self.look(reference["kind"], reference["key"])
            if obj is None:
                raise UnknownError(f"no {reference['kind']} {shown(reference['key'])}")
            self.found[name] = obj.pk
        return self.found[name]

    def look(self, slug: str, key: list[Any]) -> Any:
        """The object of a natural key, or None."""
        kind, condition = kind_of(slug), {}
        for name, value in zip(kind.key, key, strict=True):
            column = kind.model._meta.get_field(name)
            if value is None:
                condition[f"{name}__isnull"] = True
            else:
                condition[column.attname] = self.find(value) if column.is_relation else value
        return kind.model._base_manager.filter(**condition).order_by("pk").first()


def app_labels() -> set[str]:
    """The apps whose models roles may be about."""
    return {resource.model._meta.app_label for resource in registry.resources()}


def shown(key: Any) -> str:
    """A natural key for people."""
    if isinstance(key, dict):
        return shown(key["key"])
    return "/".join(shown(part) for part in key if part is not None) if isinstance(key, list) else str(key)
