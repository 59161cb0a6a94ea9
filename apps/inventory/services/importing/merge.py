"""Merging what a source found into an inventory: a fixed number of statements, however many hosts there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from apps.core.fields import parse_variables
from apps.inventory.models import Group, Host, Inventory, InventorySource, InventorySourceOptions
from apps.inventory.services import counters, limits, sets

from . import statements
from .reader import NotJSONError
from .rows import Rules, load
from .sources import KINDS, Kind

LOCK = 0x1E47  # the space of advisory locks of imports
BATCH = 2_000
MANY = 1_000  # new rows, from which on the planner is told at once how many there are now


class ImportFailed(Exception):  # noqa: N818  (it is an answer)
    """The import cannot be done; the sentence says why. `over_limit` marks too many hosts for the organization."""

    def __init__(self, sentence: str, *, over_limit: bool = False) -> None:
        super().__init__(sentence)
        self.over_limit = over_limit


@dataclass
class Result:
    """What an import changed."""

    hosts_added: int = 0
    hosts_removed: int = 0
    groups_added: int = 0
    groups_removed: int = 0


@dataclass(frozen=True)
class Wishes:
    """What the command knows beyond the options of a source."""

    instance_id_var: str = ""
    group_filter: str = ""
    exclude_empty_groups: bool = False
    progress: Callable[[float], None] | None = None  # told how much of the file is read, from 0 to 1


class Told:
    """A file that tells how far it is read."""

    def __init__(self, file: TextIO, size: int, tell: Callable[[float], None]) -> None:
        self.file, self.size, self.tell = file, size, tell

    def read(self, number: int) -> str:
        """A block."""
        block = self.file.read(number)
        self.tell(min(self.file.buffer.tell() / self.size, 1.0) if self.size else 1.0)
        return block


def pattern(text: str, noun: str) -> re.Pattern[str] | None:
    """A regular expression, if one is given."""
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise ImportFailed(f"The {noun} filter of the source is no regular expression: {error}.") from error


def rules_for(options: InventorySourceOptions, wishes: Wishes) -> Rules:
    """How the hosts and groups of a source are looked at."""
    return Rules(
        kind=KINDS.get(options.source, Kind()),
        host_filter=pattern(options.host_filter, "host"),
        group_filter=pattern(wishes.group_filter, "group"),
        exclude_empty_groups=wishes.exclude_empty_groups,
        enabled_var=options.enabled_var,
        enabled_value=options.enabled_value,
        instance_id_var=wishes.instance_id_var,
        drop_own=options.source in ("constructed", "controller"),
    )


def import_file(
    path: Path, source: InventorySource, options: InventorySourceOptions, wishes: Wishes | None = None
) -> Result:
    """Merge the output of ansible-inventory into the source's inventory, as `options` say; all of it or nothing."""
    wishes = wishes or Wishes()
    rules = rules_for(options, wishes)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, source.inventory_id])
        try:
            with path.open(encoding="utf-8") as file:
                told: Any = Told(file, path.stat().st_size, wishes.progress) if wishes.progress else file
                of_all = load(told, rules)
        except (OSError, NotJSONError, UnicodeDecodeError) as error:
            raise ImportFailed(f"The inventory cannot be read: {error}") from error
        result = Merge(source, options).run(of_all)
        if result.hosts_added + result.groups_added > MANY:
            with connection.cursor() as cursor:
                cursor.execute(statements.ANALYZE_RESULT)
        counters.count_hosts([source.inventory_id])
    return result


class Merge:
    """One import, after the temporary tables are filled."""

    def __init__(self, source: InventorySource, options: InventorySourceOptions) -> None:
        self.source, self.options = source, options
        self.inventory: Inventory = source.inventory
        self.values = {"inventory": self.inventory.pk, "source": source.pk}

    def do(self, sql: str) -> int:
        """Run a statement; how many rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self.values)
            return cursor.rowcount

    def run(self, of_all: dict[str, Any]) -> Result:
        """Hosts, groups, what is in what, and what is no longer there."""
        result = Result()
        self.do(statements.ANALYZE)
        self.do(statements.RENAME_HOSTS)
        result.hosts_added = self.do(statements.ADD_HOSTS)
        self.do(statements.HOST_STATES)
        self.variables(Host, "inventory_host", "found_host")
        result.groups_added = self.do(statements.ADD_GROUPS)
        self.variables(Group, "inventory_group", "found_group")
        self.variables_of_all(of_all)
        for sql in statements.LINKS:
            self.do(sql)
        if self.options.overwrite:
            self.remove(result)
        self.check_limit()
        return result

    def variables(self, model: Any, table: str, found: str) -> None:
        """Variables: those of the source in place of the old ones, or on top of them."""
        if self.options.overwrite_vars:
            self.do(statements.REPLACE_VARIABLES.format(table=table, found=found))
            return
        self.do(statements.FILL_VARIABLES.format(table=table, found=found))
        for rows in self.differing(statements.DIFFERING.format(table=table, found=found)):
            changed = [(pk, text) for pk, old, new in rows if (text := merged(old, new)) is not None]
            if changed:
                ids, texts = (list(column) for column in zip(*changed, strict=True))
                with connection.cursor() as cursor:
                    cursor.execute(statements.WRITE_VARIABLES.format(table=table), [ids, texts])

    def differing(self, sql: str) -> Iterator[list[tuple[int, str, str]]]:
        """Rows whose variables are not those of the source, some thousand at a time, in order of their ids."""
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(sql, self.values | {"last": last, "limit": BATCH})
                rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1][0]

    def variables_of_all(self, found: dict[str, Any]) -> None:
        """The variables of the group `all` are those of the inventory."""
        if not found and not self.options.overwrite_vars:
            return
        text = json.dumps(found) if self.options.overwrite_vars else merged(self.inventory.variables, json.dumps(found))
        if text is not None and found:
            Inventory.objects.filter(pk=self.inventory.pk).update(variables=text)

    def remove(self, result: Result) -> None:
        """What this source brought once and does not name now goes, unless another source names it."""
        self.do(statements.CUT_MEMBERS)
        self.do(statements.CUT_CHILDREN)
        self.do(statements.UNLINK_HOSTS)
        self.do(statements.UNLINK_GROUPS)
        for model, gone in ((Host, statements.GONE_HOSTS), (Group, statements.GONE_GROUPS)):
            with connection.cursor() as cursor:
                cursor.execute(gone)
                ids = [pk for (pk,) in cursor.fetchall()]
            for start in range(0, len(ids), sets.CHUNK):
                sets.delete_ids(model, ids[start : start + sets.CHUNK])
            setattr(result, f"{model.__name__.lower()}s_removed", len(ids))

    def check_limit(self) -> None:
        """An organization with a limit of hosts does not get more of them."""
        organization = self.inventory.organization
        if organization is None or not organization.max_hosts or self.inventory.kind != "":
            return
        total = limits.machines(organization).values("name").distinct().count()
        if total > organization.max_hosts:
            limit = f"The organization {organization.name} may have {organization.max_hosts} hosts"
            raise ImportFailed(f"{limit}; this would make {total}.", over_limit=True)


def merged(old: str, new: str) -> str | None:
    """Variables with those of the source on top, as JSON; None where that changes nothing."""
    fresh = json.loads(new) if new else {}
    try:
        before = parse_variables(old)
    except ValidationError:
        before = {}
    after = before | fresh
    return None if after == before else json.dumps(after)
