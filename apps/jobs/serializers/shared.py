"""Labels and credentials of templates and jobs, fetched for a whole page at once."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from apps.core.prepared import Given, Prepared, among

MANY_LABELS = 10  # that a summary shows


@functools.cache
def through_query(model: Any, relation: str, columns: tuple[str, ...]) -> Prepared:
    """The owner and some columns of everything that a many-to-many links to given owners."""

    def build() -> Any:
        rows = model._base_manager.filter(among("pk", Given(0)), **{f"{relation}__isnull": False})
        if hasattr(rows, "non_polymorphic"):
            rows = rows.non_polymorphic()
        names = (f"{relation}__{column}" for column in columns)
        return rows.order_by("pk", f"{relation}__pk").values_list("pk", *names)

    return Prepared(build)


def through_rows(model: Any, relation: str, ids: Iterable[int], *columns: str) -> dict[int, list[tuple[Any, ...]]]:
    """{owner: rows of columns} of a many-to-many, in one query."""
    found = defaultdict(list)
    for owner, *values in through_query(model, relation, columns)(list(ids)):
        found[owner].append(tuple(values))
    return found


def labels_of(model: Any, objects: list[Any]) -> dict[int, dict[str, Any]]:
    """`labels`: how many, and the first of them."""
    found = through_rows(model, "labels", [obj.pk for obj in objects], "pk", "name")
    out = {}
    for obj in objects:
        rows = found.get(obj.pk, [])
        results = [{"id": pk, "name": name} for pk, name in rows[:MANY_LABELS]]
        out[obj.pk] = {"labels": {"count": len(rows), "results": results}}
    return out


def credentials_of(model: Any, objects: list[Any]) -> dict[int, dict[str, Any]]:
    """`credentials`: each with its kind."""
    columns = ("pk", "name", "description", "credential_type__namespace", "credential_type__kind")
    found = through_rows(model, "credentials", [obj.pk for obj in objects], *columns)
    return {
        obj.pk: {
            "credentials": [
                {"id": pk, "name": name, "description": text, "kind": namespace, "cloud": kind == "cloud"}
                for pk, name, text, namespace, kind in sorted(found.get(obj.pk, []), key=lambda row: row[1])
            ]
        }
        for obj in objects
    }
