"""Counting jobs of one kind without joining the kind's table: everything most lists ask about is in the family's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Field, Func
from django.db.models.expressions import Col
from django.db.models.fields import BooleanField
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

ELSEWHERE = ""  # an alias that no table has


class IsAnyOf(Func):
    """`pk = ANY(ARRAY(SELECT …))`: beside an OR, the database uses indexes where `IN (SELECT …)` reads every row."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field: Field = BooleanField()

    def __init__(self, rows: Any) -> None:
        from django.contrib.postgres.expressions import ArraySubquery

        super().__init__(F("pk"), ArraySubquery(rows))


def of_family(rows: Any) -> Any:
    """The same rows as a queryset of the family's table, or None where the kind's own table is needed."""
    query, kind = rows.query, rows.model
    link = kind._meta.pk.remote_field
    if link is None or not link.parent_link:
        return None
    changed = query.is_sliced or query.distinct or query.annotations or query.combinator or query.extra
    family = link.model
    table = family._meta.db_table
    if changed or query.group_by is not None or set(aliases(query.where)) - {table}:
        return None
    same = family._base_manager.non_polymorphic().filter(polymorphic_ctype=ContentType.objects.get_for_model(kind))
    same.query.where.add(query.where.clone(), "AND")
    return same.order_by()


def aliases(node: Any) -> Iterator[str]:
    """The tables whose columns a condition names; ELSEWHERE for what cannot be told."""
    if isinstance(node, Col):
        yield node.alias
    elif isinstance(node, Query):
        yield from [ELSEWHERE] if any(node.external_aliases.values()) else []
    elif isinstance(node, WhereNode) or hasattr(node, "get_source_expressions"):
        parts = node.children if isinstance(node, WhereNode) else node.get_source_expressions()
        for part in parts:
            yield from aliases(part)
