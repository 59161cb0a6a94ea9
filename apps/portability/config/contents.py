"""Hosts and groups: by far the most rows, so they are written as streams and read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from apps.inventory.models import Group, Host
from apps.inventory.services import counters

from .references import References

BATCH = 1000
HOST = ("name", "description", "enabled", "instance_id", "variables")
GROUP = ("name", "description", "variables")
MODELS: dict[str, tuple[Any, tuple[str, ...]]] = {"hosts": (Host, HOST), "groups": (Group, GROUP)}
# what a group holds -> (the table, column of the group, column of the member, the member's model)
MEMBERS: dict[str, tuple[Any, str, str, Any]] = {
    "hosts": (Group.hosts.through, "group", "host", Host),
    "children": (Group.children.through, "from_group", "to_group", Group),
}
Line = dict[str, Any]


def batches(rows: Any) -> Iterator[list[Any]]:
    """Some at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def lines(inventories: Any, references: References) -> Iterator[Line]:
    """The hosts, groups and memberships of plain inventories."""
    for inventory in inventories.filter(kind=""):
        here = references.of(type(inventory), inventory.pk)
        for what, (model, columns) in MODELS.items():
            rows = model._base_manager.filter(inventory=inventory).order_by("pk").values_list(*columns)
            for batch in batches(rows.iterator(BATCH)):
                yield {"inventory": here, what: [dict(zip(columns, row, strict=True)) for row in batch]}
        for what, (through, group, member, _) in MEMBERS.items():
            pairs = through.objects.filter(**{f"{group}__inventory": inventory}).order_by("pk")
            for batch in batches(pairs.values_list(f"{group}__name", f"{member}__name").iterator(BATCH)):
                yield {"inventory": here, f"members_{what}": [list(pair) for pair in batch]}


def read(inventory_id: int, line: Line) -> tuple[int, int]:
    """Take in one batch: (how many are new, how many were changed)."""
    made = changed = 0
    for what, (model, columns) in MODELS.items():
        if what in line:
            made, changed = rows(inventory_id, model, columns, line[what])
    for what in MEMBERS:
        if f"members_{what}" in line:
            made += members(inventory_id, what, line[f"members_{what}"])
    return made, changed


def rows(inventory_id: int, model: Any, columns: tuple[str, ...], given: list[Line]) -> tuple[int, int]:
    """Make the rows that are not there, change those that differ."""
    names = [entry["name"] for entry in given]
    there = {obj.name: obj for obj in model._base_manager.filter(inventory_id=inventory_id, name__in=names)}
    new, other = [], []
    for entry in given:
        values = {name: entry[name] for name in columns if name in entry}
        obj = there.get(entry["name"])
        if obj is None:
            obj = model(inventory_id=inventory_id, **values)
            new.append(obj)
        elif any(getattr(obj, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(obj, name, value)
            other.append(obj)
        else:
            continue
        obj.clean_fields(exclude={"inventory", "created_by", "modified_by"})
    model._base_manager.bulk_create(new)
    model._base_manager.bulk_update(other, [name for name in columns if name != "name"])
    return len(new), len(other)


def members(inventory_id: int, what: str, pairs: list[list[str]]) -> int:
    """Link what is not linked yet."""
    through, group, member, model = MEMBERS[what]
    groups = ids(Group, inventory_id, {pair[0] for pair in pairs})
    others = ids(model, inventory_id, {pair[1] for pair in pairs})
    wanted = {(groups[a], others[b]) for a, b in pairs if a in groups and b in others}
    columns = (f"{group}_id", f"{member}_id")
    there = set(through.objects.filter(**{f"{columns[0]}__in": set(groups.values())}).values_list(*columns))
    new = [through(**dict(zip(columns, pair, strict=True))) for pair in sorted(wanted - there)]
    through.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def ids(model: Any, inventory_id: int, names: set[str]) -> dict[str, int]:
    """name -> id within an inventory."""
    found = model._base_manager.filter(inventory_id=inventory_id, name__in=names)
    return dict(found.values_list("name", "pk"))


def settle(inventory_ids: set[int]) -> None:
    """Count again what was changed."""
    for pk in sorted(inventory_ids):
        counters.count(pk)
