"""Delete rows of a model with all that hangs on them, by a few statements a batch: no row is loaded, no signal sent."""

from __future__ import annotations

import functools
from typing import Any

from django.db import models, router
from django.db.models.query import QuerySet


def delete(model: Any, ids: list[int]) -> int:
    """Delete the rows `ids` of `model`; what cascades goes too, what may be null is set so. Returns how many went."""
    if not ids:
        return 0
    for relation in relations(model):
        child, field = relation.related_model, relation.field
        rows = QuerySet(child).filter(**{f"{field.name}__in": ids})
        rule = getattr(relation.on_delete, "action", relation.on_delete)  # django-polymorphic wraps it
        if rule is models.CASCADE:
            if relations(child):
                delete(child, list(rows.values_list("pk", flat=True)))
            else:
                erase(rows)
        elif rule is models.SET_NULL:
            rows.update(**{field.name: None})
    return erase(QuerySet(model).filter(pk__in=ids))


def erase(rows: QuerySet) -> int:
    """DELETE, without asking Django what hangs on the rows."""
    return rows._raw_delete(router.db_for_write(rows.model))


@functools.cache
def relations(model: Any) -> tuple[Any, ...]:
    """The foreign keys of managed tables that point to the model's own table."""
    found = (f for f in model._meta.get_fields(include_hidden=True) if f.auto_created and not f.concrete)
    return tuple(
        f
        for f in found
        if (f.one_to_one or f.one_to_many) and f.related_model._meta.managed and f.remote_field.model._meta.managed
        and f.field.remote_field.model is model
    )  # fmt: skip
