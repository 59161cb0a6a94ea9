"""Queries whose SQL is worked out once: for those that every request makes, Django's compiling costs more than running.

    FIND = Prepared(lambda: Token.objects.select_related("user").filter(digest=Given(0)))
    FIND("2c26b4…")          # a list of tokens

Only the values change from run to run. A list of ids is compared with `among("pk", Given(0))`, so that the text is the
same for one id and for fifty.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from django.db import connections, models
from django.db.models.expressions import Expression


class Given(Expression):
    """The value at a position of the call; it stands where a filter has its value."""

    def __init__(self, position: int, output_field: models.Field | None = None) -> None:
        super().__init__(output_field=output_field)
        self.position = position

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """A placeholder, whose parameter is this object until a call replaces it."""
        return "%s", [self]


def among(name: str, given: Given) -> models.Func:
    """The condition that the column `name` is one of a list of numbers."""
    return models.Func(
        models.F(name),
        given,
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )


class Prepared:
    """A queryset that is built and compiled at its first run."""

    def __init__(self, build: Callable[[], models.QuerySet[Any, Any]]) -> None:
        self.build = build
        self.made: tuple[Any, Any, str, tuple[Any, ...]] | None = None

    def compiled(self) -> tuple[Any, Any, str, tuple[Any, ...]]:
        """The queryset, its compiler, the SQL and its parameters."""
        if self.made is None:
            queryset = self.build()
            compiler = queryset.query.get_compiler(using=queryset.db)
            sql, params = compiler.as_sql()
            self.made = queryset, compiler, sql, tuple(params)
        return self.made

    def __call__(self, *values: Any) -> list[Any]:
        """The rows for these values."""
        queryset, compiler, sql, params = self.compiled()
        run = copy.copy(compiler)  # what a run leaves behind in it stays apart from other threads
        run.connection = connections[compiler.using]
        filled = tuple(values[param.position] if isinstance(param, Given) else param for param in params)
        run.as_sql = lambda *args, **kwargs: (sql, filled)
        rows = queryset.all()
        rows.query.get_compiler = lambda *args, **kwargs: run
        return list(rows)


@functools.lru_cache(maxsize=512)
def _table(model: type[models.Model], *shape: Any) -> dict[str, Prepared]:
    """Where the prepared form of a list is kept."""
    return {}


def rows(queryset: Any) -> list[Any]:
    """The rows of a queryset; one that takes a table as it is (ordered, cut, joined) is compiled only once."""
    query = queryset.query
    plain = not (
        query.where or query.annotations or query.extra or query.distinct or query.combinator or query.values_select
    )
    if not plain or not all(isinstance(name, str) for name in query.order_by):
        return list(queryset)
    shape = (
        *(queryset._iterable_class, query.order_by, query.default_ordering, query.standard_ordering),
        *(repr(query.select_related), frozenset(query.deferred_loading[0]), query.deferred_loading[1]),
        *(query.low_mark, query.high_mark),
    )
    kept = _table(queryset.model, *shape)
    if "prepared" not in kept:
        kept["prepared"] = Prepared(queryset.all)
    return kept["prepared"]()
