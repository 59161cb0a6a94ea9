"""An inventory as Ansible's inventory scripts write it, in pieces: nothing is held in memory but one row at a time."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO

from django.db.models import F, Window
from django.db.models.functions import Mod, RowNumber

from apps.core.fields import parse_variables
from apps.inventory.models import Group, Inventory

from .hosts import hosts_of

CHUNK = 2_000
CACHED_LENGTH = 4_000  # many hosts have the same short variables


@dataclass(frozen=True)
class Options:
    """What is wanted of an inventory."""

    hostvars: bool = True
    towervars: bool = True
    show_all: bool = False  # disabled hosts, too
    slice_number: int = 0  # counted from 1; 0 for all hosts
    slice_count: int = 1


def chosen_hosts(inventory: Inventory, options: Options) -> Any:
    """The hosts of an inventory that are wanted, by name; every n-th of them for a slice."""
    rows = hosts_of(inventory).order_by("name")
    if not options.show_all:
        rows = rows.filter(enabled=True)
    if options.slice_count > 1 and options.slice_number > 0:
        place = Window(RowNumber(), order_by=F("name").asc())
        rows = rows.annotate(place=place).annotate(rest=Mod(F("place") - options.slice_number, options.slice_count))
        rows = rows.filter(rest=0)
    return rows


def pieces(inventory: Inventory, options: Options) -> Iterator[str]:
    """The JSON text of an inventory, in pieces."""
    hosts = chosen_hosts(inventory, options)
    yield '{"all": {'
    variables = parse_variables(inventory.variables)
    if variables:
        yield f'"vars": {json.dumps(variables)}, '
    yield '"hosts": '
    if inventory.kind == "smart":
        yield from array(hosts.values_list("name", flat=True).iterator(CHUNK))
        yield "}"
    else:
        yield from grouped(inventory, hosts, options)
    if options.hostvars:
        yield ', "_meta": {"hostvars": {'
        columns = hosts.values_list("name", "pk", "enabled", "variables")
        first = True
        for name, pk, enabled, text in columns.iterator(CHUNK):
            yield ("" if first else ", ") + f"{json.dumps(name)}: {{{host_variables(pk, text, enabled, options)}}}"
            first = False
        yield "}}"
    yield "}"


def grouped(inventory: Inventory, hosts: Any, options: Options) -> Iterator[str]:
    """The rest of `all`, and an entry for each group that has hosts, children or variables."""
    members = Group.hosts.through.objects.filter(group__inventory=inventory)
    alone = hosts.exclude(pk__in=members.values("host_id"))
    yield from array(alone.values_list("name", flat=True).iterator(CHUNK))
    groups = Group.objects.filter(inventory=inventory).order_by("name", "pk")
    names = list(groups.values_list("name", flat=True))
    yield f', "children": {json.dumps(names)}}}' if names else "}"
    children = defaultdict(list)
    links = Group.children.through.objects.filter(from_group__inventory=inventory).order_by("to_group__name")
    for parent, child in links.values_list("from_group_id", "to_group__name"):
        children[parent].append(child)
    listed = members.order_by("group__name", "group_id", "host__name")
    if options.slice_count > 1:
        listed = listed.filter(host_id__in=hosts.order_by().values("pk"))
    elif not options.show_all:
        listed = listed.filter(host__enabled=True)
    inside = Merge(listed.values_list("group_id", "host__name").iterator(CHUNK))
    for pk, name, text in groups.values_list("pk", "name", "variables").iterator(CHUNK):
        yield from group_entry(name, parse_variables(text), children[pk], inside.of(pk))


def group_entry(name: str, variables: dict[str, Any], children: list[str], hosts: Iterator[str]) -> Iterator[str]:
    """What is said of one group; nothing of one that has nothing in it."""
    entry: list[str] = []
    if children:
        entry.append(f'"children": {json.dumps(children)}')
    if variables:
        entry.append(f'"vars": {json.dumps(variables)}')
    first = next(hosts, None)
    if first is None and not entry:
        return
    yield f", {json.dumps(name)}: {{" + ", ".join(entry)
    if first is not None:
        yield (", " if entry else "") + '"hosts": '
        yield from array(chain([first], hosts))
    yield "}"


class Merge:
    """Reads (key, value) rows that are ordered like the keys that are asked for."""

    def __init__(self, rows: Iterator[tuple[int, str]]) -> None:
        self.rows = rows
        self.now = next(rows, None)

    def of(self, key: int) -> Iterator[str]:
        """The values of the next key."""
        while self.now is not None and self.now[0] == key:
            value = self.now[1]
            self.now = next(self.rows, None)
            yield value


def array(values: Iterable[str]) -> Iterator[str]:
    """A JSON list, in pieces."""
    mark = "["
    for value in values:
        yield mark + json.dumps(value)
        mark = ", "
    yield "[]" if mark == "[" else "]"


def host_variables(pk: int, text: str, enabled: bool, options: Options) -> str:  # noqa: FBT001
    """The inside of the object with a host's variables."""
    body = inner(text) if len(text) > CACHED_LENGTH else cached_inner(text)
    if not options.towervars:
        return body
    word = "true" if enabled else "false"
    tower = (
        f'"remote_tower_enabled": "{word}", "remote_tower_id": {pk}, '
        f'"remote_host_enabled": "{word}", "remote_host_id": {pk}'
    )
    return f"{body}, {tower}" if body else tower


def inner(text: str) -> str:
    """The variables as JSON, without the braces."""
    return json.dumps(parse_variables(text))[1:-1]


cached_inner = functools.lru_cache(maxsize=2_048)(inner)


def stream_inventory(inventory: Inventory, file: TextIO, *, part: tuple[int, int] | None = None) -> None:
    """Write the JSON of an inventory, or of a `part` (number, of how many), for a run, in constant memory.

    Enabled hosts only, with their variables and with the ids by which AWX knows them.
    """
    number, count = part or (0, 1)
    for piece in pieces(inventory, Options(slice_number=number, slice_count=count)):
        file.write(piece)
