"""What ansible-inventory found, as rows of temporary tables."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

from django.db import connection

from .reader import NotJSONError, Reader
from .sources import OWN_VARIABLES, Kind

BLOCK = 4_000
MAX_NAME = 512
SKIPPED = ("all", "ungrouped")
TABLES = """
DROP TABLE IF EXISTS pg_temp.found_host, pg_temp.found_group, pg_temp.found_member, pg_temp.found_child;
CREATE TEMPORARY TABLE found_host (name text PRIMARY KEY, variables text, enabled boolean, instance_id text)
  ON COMMIT DROP;
CREATE TEMPORARY TABLE found_group (name text PRIMARY KEY, variables text) ON COMMIT DROP;
CREATE TEMPORARY TABLE found_member (group_name text, host_name text) ON COMMIT DROP;
CREATE TEMPORARY TABLE found_child (parent_name text, child_name text) ON COMMIT DROP;
"""
EMPTY_GROUPS = """
DELETE FROM found_group g
WHERE NOT EXISTS (
  SELECT 1 FROM found_member m JOIN found_host h ON h.name = m.host_name WHERE m.group_name = g.name
) AND NOT EXISTS (
  SELECT 1 FROM found_child c JOIN found_group k ON k.name = c.child_name WHERE c.parent_name = g.name
)
"""
MISSING = object()
UNSAFE = "__ansible_unsafe"  # how Ansible marks text that it must not take for a template; variables keep the mark


@dataclass(frozen=True)
class Rules:
    """How hosts are looked at."""

    kind: Kind
    host_filter: re.Pattern[str] | None = None
    group_filter: re.Pattern[str] | None = None
    exclude_empty_groups: bool = False
    enabled_var: str = ""
    enabled_value: str = ""
    instance_id_var: str = ""
    drop_own: bool = False  # the ids by which another server (or this one) knows a host are no variables of it

    def takes_group(self, name: str) -> bool:
        """Whether a group becomes a row: `all` and `ungrouped` never do, nor what the filter leaves out."""
        return name not in SKIPPED and not (self.group_filter and not self.group_filter.match(name))

    def instance_id(self, variables: dict[str, Any]) -> str:
        """By what the source knows the host."""
        paths = (self.instance_id_var,) if self.instance_id_var else self.kind.instance_id
        found = first(variables, paths)
        return "" if found is MISSING or found is None else str(found)[:1024]

    def enabled(self, variables: dict[str, Any]) -> bool | None:
        """Whether the host is on; None where nothing is said."""
        paths, value = self.kind.enabled, self.kind.enabled_value
        if self.enabled_var:
            paths, value = (self.enabled_var,), self.enabled_value
        found = first(variables, paths)
        if found is MISSING:
            return None
        return str(found) == value if value else bool(found)


def lookup(variables: Any, path: str) -> Any:
    """`guest.state` in nested variables; a name with a dot of its own comes first."""
    if isinstance(variables, dict) and path in variables:
        return variables[path]
    for part in path.split("."):
        if not isinstance(variables, dict) or part not in variables:
            return MISSING
        variables = variables[part]
    return variables


def first(variables: dict[str, Any], paths: Iterable[str]) -> Any:
    """The first of some paths that leads to a value."""
    found = next((found for path in paths if (found := lookup(variables, path)) is not MISSING), MISSING)
    return found[UNSAFE] if isinstance(found, dict) and set(found) == {UNSAFE} else found


class Copier:
    """Collects rows for one table and writes them by COPY, some thousand at a time."""

    def __init__(self, table: str, columns: str) -> None:
        self.sql = f"COPY {table} ({columns}) FROM STDIN"
        self.rows: list[str] = []

    def add(self, *row: Any) -> None:
        """One row."""
        self.rows.append("\t".join(map(cell, row)) + "\n")
        if len(self.rows) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if not self.rows:
            return
        with connection.cursor() as cursor:
            cursor.copy_expert(self.sql, io.StringIO("".join(self.rows)))
        self.rows = []


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def cell(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    return ("t" if value else "f") if isinstance(value, bool) else str(value).translate(ESCAPES)


def clean(value: Any) -> str:
    """Variables as JSON text that the database can hold."""
    return json.dumps(value).replace("\\u0000", "") if value else ""


def check_name(name: str) -> str:
    """A name that fits."""
    if not name or len(name) > MAX_NAME or "\0" in name:
        raise NotJSONError(f"The source names something {name[:40]!r}, which cannot be a name here.")
    return name


class Loader:
    """Fills the temporary tables of a transaction."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.hosts = Copier("found_host", "name, variables, enabled, instance_id")
        self.groups = Copier("found_group", "name, variables")
        self.members = Copier("found_member", "group_name, host_name")
        self.children = Copier("found_child", "parent_name, child_name")
        self.named: set[str] = set()  # the hosts that were added
        self.late: list[str] = []  # those that a group named before their variables came, or that have none
        self.groups_seen: set[str] = set()
        self.groups_named: set[str] = set()  # as children: ansible-inventory leaves out what is empty
        self.of_all: dict[str, Any] = {}

    def add_host(self, name: str, variables: dict[str, Any]) -> None:
        """A host, unless the source's filter leaves it out."""
        if name in self.named or (self.rules.host_filter and not self.rules.host_filter.match(name)):
            return
        self.named.add(name)
        enabled, instance_id = self.rules.enabled(variables), self.rules.instance_id(variables)
        if self.rules.drop_own:
            variables = {key: value for key, value in variables.items() if key not in OWN_VARIABLES}
        self.hosts.add(check_name(name), clean(variables), enabled, instance_id)

    def add_group(self, name: str, content: dict[str, Any]) -> None:
        """A group with its hosts and children; the hosts of a group that is left out stay."""
        self.late.extend(host for host in texts(content.get("hosts")) if host not in self.named)
        if name == "all":
            self.of_all = content.get("vars") or {}
        children = [child for child in texts(content.get("children")) if self.rules.takes_group(child)]
        self.groups_named.update(children)
        if not self.rules.takes_group(name):
            return
        self.groups_seen.add(name)
        self.groups.add(check_name(name), clean(content.get("vars")))
        for host in texts(content.get("hosts")):
            self.members.add(name, host)
        for child in children:
            self.children.add(name, child)

    def finish(self) -> None:
        """The hosts without variables, the groups with nothing in them, and the rest of the rows."""
        for name in sorted(self.groups_named - self.groups_seen):
            self.groups.add(check_name(name), "")
        for name in self.late:
            self.add_host(name, {})
        for copier in (self.hosts, self.groups, self.members, self.children):
            copier.flush()


def load(file: TextIO, rules: Rules) -> dict[str, Any]:
    """Fill the temporary tables; the variables of the group `all` are given back."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    loader = Loader(rules)
    for kind, name, content in Reader(file).entries():
        add = loader.add_host if kind == "host" else loader.add_group
        add(name, content if isinstance(content, dict) else {})
    loader.finish()
    if rules.exclude_empty_groups:
        drop_empty_groups()
    return loader.of_all


def drop_empty_groups() -> None:
    """Leave out groups without hosts, from the lowest upward."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY_GROUPS)
        while cursor.rowcount:
            cursor.execute(EMPTY_GROUPS)
        cursor.execute("DELETE FROM found_child WHERE child_name NOT IN (SELECT name FROM found_group)")


def texts(value: Any) -> Iterable[str]:
    """A list of names."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
