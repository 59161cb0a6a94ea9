"""Delete rows of a model with all that hangs on them, by a few statements a batch: no row is loaded, no signal sent."""

from __future__ import annotations

import functools
from typing import Any

from django.db import connection, models, router
from django.db.models.query import QuerySet


def delete(model: Any, ids: list[int], leaf: Any = None) -> int:
    """Delete the rows `ids` of `model`; what cascades goes too, what may be null is set so. Returns how many went.

    `leaf` is the child model that all of the rows are: the tables of other children are not looked at.
    """
    if not ids:
        return 0
    for relation in relations(model):
        child, field = relation.related_model, relation.field
        if leaf is not None and field.remote_field.parent_link and child is not leaf:
            continue
        rule = getattr(relation.on_delete, "action", relation.on_delete)  # django-polymorphic wraps it
        if rule is models.CASCADE and relations(child):
            delete(child, keys(child, field, ids))
        elif rule is models.CASCADE:
            execute(f"DELETE FROM {table(child)} WHERE {column(field)} = ANY(%s)", ids)  # noqa: S608
        elif rule is models.SET_NULL:
            name = column(field)
            execute(f"UPDATE {table(child)} SET {name} = NULL WHERE {name} = ANY(%s)", ids)  # noqa: S608
    return execute(f"DELETE FROM {table(model)} WHERE {column(model._meta.pk)} = ANY(%s)", ids)  # noqa: S608


def keys(model: Any, field: Any, ids: list[int]) -> list[int]:
    """Primary keys of the rows that point to `ids`; those of a child table are the same."""
    pk = model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column(pk)} FROM {table(model)} WHERE {column(field)} = ANY(%s)", [ids])  # noqa: S608
        return [key for (key,) in cursor.fetchall()]


def execute(sql: str, ids: list[int]) -> int:
    """One statement about `ids`; how many rows it met. One array is parsed much faster than thousands of values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids])
        return cursor.rowcount


def table(model: Any) -> str:
    """The quoted name of a model's own table."""
    return connection.ops.quote_name(model._meta.db_table)


def column(field: Any) -> str:
    """The quoted name of a column."""
    return connection.ops.quote_name(field.column)


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
