"""Hosts, groups and what they have in common: by far the most rows, so they are copied in batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError

from apps.inventory.models import Group, Host, HostFacts

from .copying import Run, reserve
from .links import Linked
from .source import BATCH, Row

HOST_COLUMNS = ("name", "description", "enabled", "instance_id", "variables", "created", "modified")
GROUP_COLUMNS = ("name", "description", "variables", "created", "modified")
MEMBERS = Linked(
    "main_group_hosts",
    Group.hosts.through,
    {"group_id": ("main_group", "group_id"), "host_id": ("main_host", "host_id")},
)
# AWX's relation leads from the child to its parent, ours from the parent to the child
CHILDREN = Linked(
    "main_group_parents",
    Group.children.through,
    {"from_group_id": ("main_group", "to_group_id"), "to_group_id": ("main_group", "from_group_id")},
)
SOURCED = (
    Linked(
        "main_host_inventory_sources",
        Host.inventory_sources.through,
        {"host_id": ("main_host", "host_id"), "inventorysource_id": ("main_unifiedjobtemplate", "inventorysource_id")},
    ),
    Linked(
        "main_group_inventory_sources",
        Group.inventory_sources.through,
        {
            "group_id": ("main_group", "group_id"),
            "inventorysource_id": ("main_unifiedjobtemplate", "inventorysource_id"),
        },
    ),
)


def copy(run: Run) -> None:
    """Groups, hosts, and their relations."""
    rows_of(run, "main_group", Group, "groups", GROUP_COLUMNS)
    rows_of(run, "main_host", Host, "hosts", HOST_COLUMNS)
    for relation in (MEMBERS, CHILDREN, *SOURCED):
        relation.run(run)


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Some rows at a time."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def rows_of(run: Run, table: str, model: Any, name: str, columns: tuple[str, ...]) -> None:
    """Copy one table whose rows belong to inventories."""
    reserve(model, run.source.highest(table) if run.source.has(table) else 0)
    for batch in batches(run.source.rows(table)):
        ids, inventories = run.map(table), run.map("main_inventory")
        places = {row["id"]: inventories.of(row["inventory_id"]) for row in batch}
        known = present(model, batch, places)
        taken = set(model.objects.filter(pk__in=[row["id"] for row in batch]).values_list("pk", flat=True))
        kept, moved = [], []
        for row in batch:
            place = places[row["id"]]
            if place is None:
                ids.lost.add(row["id"])
                run.report.refuse(name, row["name"], "its inventory is not here")
            elif (place, row["name"]) in known:
                ids.put(row["id"], known[place, row["name"]])
                run.report.present[name] += 1
            elif (made := new(run, model, row, place, columns, name)) is None:
                ids.lost.add(row["id"])
            elif row["id"] in taken:
                moved.append((row, made))
            else:
                made.pk = row["id"]
                kept.append((row, made))
        model.objects.bulk_create([made for _, made in kept])
        model.objects.bulk_create([made for _, made in moved])
        for row, made in moved:
            ids.put(row["id"], made.pk)
        run.report.taken[name] += len(kept) + len(moved)
        facts(kept + moved)


def present(model: Any, batch: list[Row], places: dict[int, int | None]) -> dict[tuple[int, str], int]:
    """{(inventory, name): id} of the rows that are here before."""
    rows = model.objects.filter(inventory__in={p for p in places.values() if p}, name__in=[r["name"] for r in batch])
    return {(inventory, name): pk for inventory, name, pk in rows.values_list("inventory_id", "name", "pk")}


def new(run: Run, model: Any, row: Row, place: int, columns: tuple[str, ...], name: str) -> Any:
    """An unsaved host or group; None, with a line in the report, where its variables are not valid."""
    users = run.map("auth_user")
    made = model(
        inventory_id=place,
        created_by_id=users.of(row.get("created_by_id")),
        modified_by_id=users.of(row.get("modified_by_id")),
        **{column: row[column] for column in columns if row.get(column) is not None},
    )
    try:
        made.clean_fields(exclude={"inventory", "created_by", "modified_by", "last_job", "last_job_host_summary"})
    except ValidationError as error:
        run.report.refuse(name, row["name"], "; ".join(error.messages))
        return None
    if model is Host:
        made.ansible_facts_modified = row.get("ansible_facts_modified")
    return made


def facts(pairs: list[tuple[Row, Any]]) -> None:
    """What Ansible knew about the new hosts."""
    HostFacts.objects.bulk_create(
        [HostFacts(host_id=made.pk, data=row["ansible_facts"]) for row, made in pairs if row.get("ansible_facts")],
        ignore_conflicts=True,
    )
