"""`summary_fields` of a page of objects in ONE query for all foreign keys, however many they point to.

Each foreign key that a serializer shows is summarised with the fields that its target's resource declares
(`Resource.summary`) or that the serializer names (`Meta.summaries`). The rows of all targets are fetched by a
UNION ALL of `SELECT kind, id, jsonb_build_object(…)`, so that a list of job templates costs the same one query
for organizations, inventories, projects and users together.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from . import registry

USER = ("id", "username", "first_name", "last_name")
DEFAULT = ("id", "name", "description")
Links = dict[str, tuple[str, type[models.Model], tuple[str, ...]]]


def _column(model: type[models.Model], path: str) -> tuple[str, list[tuple[type[models.Model], Any]]]:
    """SQL of one summary field and the joins it needs; `a__b` follows a foreign key."""
    quote, current = connection.ops.quote_name, model
    joins: list[tuple[type[models.Model], Any]] = []
    *hops, last = path.split("__")
    for hop in hops:
        field = current._meta.get_field(hop)
        joins.append((field.model, field))
        current = field.related_model
    field = current._meta.get_field(last) if not last.endswith("_id") else _by_attname(current, last)
    alias = f"j{len(hops)}_{'_'.join(hops)}" if hops else field.model._meta.db_table
    sql = f"{quote(alias)}.{quote(field.column)}"
    if isinstance(field, models.DateTimeField):
        sql = f"""to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return sql, joins


def _by_attname(model: type[models.Model], attname: str) -> models.Field:
    return next(f for f in model._meta.concrete_fields if attname in (f.attname, f.name))


def _parents(model: type[models.Model], tables: set[str]) -> str:
    """JOINs to the tables of multi-table parents that own a summarised column."""
    quote, sql = connection.ops.quote_name, ""
    own, pk = model._meta.db_table, model._meta.pk.column
    for parent in model._meta.get_parent_list():
        table = parent._meta.db_table
        if table != own and table in tables:
            sql += f" JOIN {quote(table)} ON {quote(table)}.{quote(parent._meta.pk.column)} = {quote(own)}.{quote(pk)}"
    return sql


@functools.lru_cache(maxsize=512)
def select(model: type[models.Model], fields: tuple[str, ...], kind: int) -> str:
    """SELECT <kind>, id, json FROM <model> WHERE id = ANY(%s); a field may be `shown=path__to__column`."""
    quote, pairs, tables, hops = connection.ops.quote_name, [], set(), {}
    for entry in fields:
        shown, _, path = entry.partition("=")
        path = path or shown
        sql, joins = _column(model, path)
        pairs.append(f"'{shown}', {sql}")
        owner = joins[0][0] if joins else None
        if owner is None:
            tables.add(sql.partition(".")[0].removeprefix("to_char(").strip('"'))
        for depth, (holder, field) in enumerate(joins, 1):
            tables.add(holder._meta.db_table)
            names = "_".join(path.split("__")[:depth])
            hops[f"j{depth}_{names}"] = (holder, field, depth, "_".join(path.split("__")[: depth - 1]))
    own = model._meta.db_table
    sql = f"SELECT {kind}, {quote(own)}.{quote(model._meta.pk.column)}::bigint, jsonb_build_object({', '.join(pairs)})"
    sql += f" FROM {quote(own)}{_parents(model, tables)}"
    for alias, (holder, field, depth, before) in sorted(hops.items()):
        source = f"j{depth - 1}_{before}" if depth > 1 else holder._meta.db_table
        target = field.related_model._meta
        sql += f" LEFT JOIN {quote(target.db_table)} {quote(alias)}"
        sql += f" ON {quote(alias)}.{quote(target.pk.column)} = {quote(source)}.{quote(field.column)}"
    return f"{sql} WHERE {quote(own)}.{quote(model._meta.pk.column)} = ANY(%s)"


def fetch(wanted: dict[tuple[type[models.Model], tuple[str, ...]], set[Any]]) -> dict[Any, dict[Any, dict[str, Any]]]:
    """The summaries of {(model, fields): ids}, as {(model, fields): {id: summary}}, in one query."""
    kinds = [key for key, ids in wanted.items() if ids]
    if not kinds:
        return {}
    sql = " UNION ALL ".join(select(model, fields, number) for number, (model, fields) in enumerate(kinds))
    found: dict[Any, dict[Any, dict[str, Any]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(wanted[key]) for key in kinds])
        for number, pk, summary in cursor.fetchall():
            found[kinds[number]][pk] = summary if isinstance(summary, dict) else json.loads(summary)
    return found


def fields_for(model: type[models.Model]) -> tuple[str, ...] | None:
    """What a link to `model` is summarised with, or None where nothing is."""
    resource = registry.find_model(model)
    return resource.summary if resource else None


class Summaries:
    """The summaries of one page: collected for all objects, then asked for each."""

    def __init__(self, links: Links, objects: Iterable[Any]) -> None:
        """`links`: shown name -> (attribute with the id, target model, fields)."""
        self.links = links
        wanted: dict[Any, set[Any]] = defaultdict(set)
        for obj in objects:
            for attname, model, fields in links.values():
                value = getattr(obj, attname)
                if value is not None:
                    wanted[model, fields].add(value)
        self.found = fetch(wanted)

    def of(self, obj: Any) -> dict[str, Any]:
        """Summaries of one object; what points to nothing is left out."""
        out = {}
        for name, (attname, model, fields) in self.links.items():
            value = getattr(obj, attname)
            summary = self.found.get((model, fields), {}).get(value) if value is not None else None
            if summary is not None:
                out[name] = {entry.partition("=")[0]: summary[entry.partition("=")[0]] for entry in fields}
        return out
