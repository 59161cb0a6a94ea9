"""Deleting sets of rows by statements: what points to them is deleted or set to null by statements, too."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.deletion import get_candidate_relations_to_delete

CHUNK = 2_000  # rows of one transaction


def delete_ids(model: Any, ids: list[int]) -> None:
    """Delete rows of a plain model by their ids."""
    for relation in get_candidate_relations_to_delete(model._meta):
        kind, field = relation.related_model, relation.field
        rows = kind._base_manager.filter(**{f"{field.name}__in": ids}).order_by()
        rule = relation.on_delete
        if rule is models.CASCADE:
            if has_dependants(kind):
                delete_ids(kind, list(rows.values_list("pk", flat=True)))
            else:
                rows._raw_delete(rows.db)
        elif rule is models.SET_NULL:
            rows.update(**{field.name: None})
        elif rule is not models.DO_NOTHING:
            raise TypeError(f"{kind.__name__}.{field.name} does not say what becomes of it.")
    base = model._base_manager.filter(pk__in=ids).order_by()
    base._raw_delete(base.db)


def has_dependants(model: Any) -> bool:
    """Whether anything points to rows of a model."""
    return any(True for _ in get_candidate_relations_to_delete(model._meta))


def delete_rows(rows: Any) -> int:
    """Delete the rows of a queryset of a plain model, some thousand at a time; how many there were."""
    total = 0
    while True:
        with transaction.atomic():
            ids = list(rows.order_by().values_list("pk", flat=True)[:CHUNK])
            if not ids:
                return total
            delete_ids(rows.model, ids)
            total += len(ids)
