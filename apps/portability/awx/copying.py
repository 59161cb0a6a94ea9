"""One table after the other: AWX's row becomes ours, links follow the ids, existing objects stay as they are.

Ids are kept where they are free here, so that bookmarks, webhooks' addresses and scripts go on working.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection, models

from apps.rbac.mixins import make_roles

from .report import Report
from .source import Row, Source

TEMPLATES = "main_unifiedjobtemplate"
AUTHORS = {"created_by_id": "auth_user", "modified_by_id": "auth_user"}


class SkipError(Exception):
    """The row cannot be taken; the text says why."""


@dataclass
class Ids:
    """AWX's id -> ours, kept only where they differ; ids that were left out are remembered as such."""

    other: dict[int, int] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)

    def of(self, pk: int | None) -> int | None:
        """Our id, or None where the object was left out."""
        return None if pk is None or pk in self.lost else self.other.get(pk, pk)

    def put(self, pk: int, ours: int) -> None:
        """Remember where a row went."""
        if pk != ours:
            self.other[pk] = ours


@dataclass
class Run:
    """What one import carries along."""

    source: Source
    secret_key: str
    report: Report
    ids: dict[str, Ids] = field(default_factory=dict)
    extras: dict[str, dict[Any, Row]] = field(default_factory=dict)

    def beside(self, table: str, column: str) -> dict[Any, Row]:
        """The rows of a small table beside the one that is copied, by a column; kept for the next question."""
        if table not in self.extras:
            self.extras[table] = {row[column]: row for row in self.source.rows(table)}
        return self.extras[table]

    def map(self, kind: str) -> Ids:
        """The ids of one kind, which is called by AWX's table."""
        return self.ids.setdefault(kind, Ids())


@dataclass(frozen=True)
class Copied:
    """One table: where its columns lead, what makes a row the same object here, what has to be changed on the way."""

    table: str
    model: type[models.Model]
    name: str  # how the report calls it
    links: Mapping[str, str] = field(default_factory=dict)  # column -> kind
    needs: tuple[str, ...] = ()  # links without which the row makes no sense
    same: tuple[str, ...] = ("name",)  # our columns that make it the same object
    parent: str = ""
    prepare: Callable[[Run, Row], None] | None = None  # changes the row in place; raises SkipError
    find: Callable[[Run, Row], int | None] | None = None  # instead of `same`: the id of the same object here

    @property
    def kind(self) -> str:
        """Templates of all kinds share their ids."""
        return self.parent or self.table

    def run(self, run: Run) -> None:
        """Copy all rows."""
        if run.source.has(self.kind):
            reserve(self.model, run.source.highest(self.kind))
        for row in run.source.rows(self.table, parent=self.parent):
            try:
                self.take(run, row)
            except SkipError as why:
                run.map(self.kind).lost.add(row["id"])
                run.report.refuse(self.name, row.get("name") or row["id"], str(why))

    def take(self, run: Run, row: Row) -> None:
        """One row: prepare, link, look whether it is here, insert."""
        if self.prepare is not None:
            self.prepare(run, row)
        values = self.linked(run, row)
        found = self.find(run, row) if self.find is not None else self.existing(values)
        if found is not None:
            run.map(self.kind).put(row["id"], found)
            run.report.present[self.name] += 1
            return
        run.map(self.kind).put(row["id"], insert(self.model, row["id"], values))
        run.report.taken[self.name] += 1

    def linked(self, run: Run, row: Row) -> Row:
        """Our columns with AWX's values, the links with our ids."""
        ours = {f.attname for f in self.model._meta.concrete_fields if not isinstance(f, models.GeneratedField)}
        values = {name: value for name, value in row.items() if name in ours and name != "id"}
        for column, kind in {**AUTHORS, **self.links}.items():
            if column not in ours:
                continue
            values[column] = run.map(kind).of(row.get(column))
            if column in self.needs and values[column] is None:
                raise SkipError(f"what its {column.removesuffix('_id')} was is not here")
        foreign = {f.attname for f in self.model._meta.concrete_fields if f.is_relation}
        known = set(AUTHORS) | set(self.links)
        return {name: value for name, value in values.items() if name not in foreign or name in known}

    def existing(self, values: Row) -> int | None:
        """The id of the same object, if it is here."""
        wanted = {name: values.get(name) for name in self.same}
        lookup = {(f"{k}__isnull" if v is None else k): (True if v is None else v) for k, v in wanted.items()}
        return self.model._base_manager.filter(**lookup).values_list("pk", flat=True).first()


def reserve(model: type[models.Model], highest: int) -> None:
    """New ids are given beyond those of AWX, so that they do not take ids that are still to come."""
    base = model._meta.get_parent_list()[-1] if model._meta.get_parent_list() else model
    table = base._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, (SELECT coalesce(max(id), 0) FROM {table}), 1))",  # noqa: S608, E501
            [table, highest],
        )


def insert(model: type[models.Model], pk: int, values: Row) -> int:
    """Write one row as it is, without the doings of save(); returns its id, AWX's where it is free."""
    values = {name: value for name, value in values.items() if value is not None or nullable(model, name)}
    check(model, values)
    parents = model._meta.get_parent_list()
    base = parents[-1] if parents else model
    taken = base._base_manager.filter(pk=pk).exists()
    if parents:
        values["polymorphic_ctype_id"] = ContentType.objects.get_for_model(model).pk
    own = {f.attname for f in base._meta.local_concrete_fields}
    row = base(**{k: v for k, v in values.items() if k in own}, **({} if taken else {"pk": pk}))
    row.save_base(raw=True, force_insert=True)
    if parents:
        child = model(**values, pk=row.pk, id=row.pk)
        child.save_base(raw=True, force_insert=True)
    make_roles(model, [row.pk])
    return row.pk


def nullable(model: type[models.Model], name: str) -> bool:
    """Whether the column holds NULL here; where it does not, our default stands for it."""
    return any(f.attname == name and f.null for f in model._meta.concrete_fields)


def check(model: type[models.Model], values: Row) -> None:
    """Our rules for single columns hold for what comes from AWX too; SkipError where they do not."""
    try:
        given = {f.name for f in model._meta.concrete_fields if f.attname in values and not f.is_relation}
        model(**values).clean_fields(exclude={f.name for f in model._meta.fields} - given)
    except ValidationError as error:
        first = next(iter(error.message_dict.items()))
        raise SkipError(f"{first[0]}: {first[1][0]}") from error
