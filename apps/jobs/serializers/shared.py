"""Labels and credentials of templates and jobs, fetched for a whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

MANY_LABELS = 10  # that a summary shows


def through_rows(model: Any, relation: str, ids: Iterable[int], *columns: str) -> dict[int, list[tuple[Any, ...]]]:
    """{owner: rows of columns} of a many-to-many, in one query."""
    found = defaultdict(list)
    rows = model._base_manager.filter(pk__in=list(ids), **{f"{relation}__isnull": False}).order_by(
        "pk", f"{relation}__pk"
    )
    if hasattr(rows, "non_polymorphic"):
        rows = rows.non_polymorphic()
    for owner, *values in rows.values_list("pk", *(f"{relation}__{column}" for column in columns)):
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
