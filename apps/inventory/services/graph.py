"""The graph of groups: what is above, what is below, by recursive SQL; nothing is loaded."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from apps.inventory.models import Group, Host, Inventory

DOWN = """WITH RECURSIVE below(id) AS (
  SELECT unnest(%s::bigint[]) UNION
  SELECT c.to_group_id FROM inventory_group_children c JOIN below b ON c.from_group_id = b.id
) SELECT id FROM below"""
UP = """WITH RECURSIVE above(id) AS (
  SELECT unnest(%s::bigint[]) UNION
  SELECT c.from_group_id FROM inventory_group_children c JOIN above a ON c.to_group_id = a.id
) SELECT id FROM above"""
PARENTS_BELOW = f"""SELECT c.to_group_id, c.from_group_id FROM inventory_group_children c
WHERE c.to_group_id IN ({DOWN})"""  # noqa: S608  (of constants)
UP_FROM_HOST = """WITH RECURSIVE above(id) AS (
  SELECT group_id FROM inventory_group_hosts WHERE host_id = %s UNION
  SELECT c.from_group_id FROM inventory_group_children c JOIN above a ON c.to_group_id = a.id
) SELECT id FROM above"""


def below(group: Group) -> RawSQL:
    """Sub-query: the ids of a group and of everything below it."""
    return RawSQL(DOWN, [[group.pk]])  # noqa: S611  (a constant, with parameters)


def above(group: Group) -> RawSQL:
    """Sub-query: the ids of a group and of everything above it."""
    return RawSQL(UP, [[group.pk]])  # noqa: S611  (a constant, with parameters)


def all_hosts(group: Group) -> Any:
    """The hosts in a group at any depth."""
    return Host.objects.filter(pk__in=Group.hosts.through.objects.filter(group_id__in=below(group)).values("host_id"))


def all_groups(host: Host) -> Any:
    """The groups that a host is in, at any height."""
    return Group.objects.filter(pk__in=RawSQL(UP_FROM_HOST, [host.pk]))  # noqa: S611  (a constant)


def root_groups(inventory: Inventory) -> Any:
    """The groups that are in no other group."""
    return Group.objects.filter(inventory=inventory, parents=None)


def potential_children(group: Group) -> Any:
    """The groups that could be put into a group: neither it, nor what is above or below it already."""
    rows = Group.objects.filter(inventory=group.inventory_id)
    return rows.exclude(pk__in=above(group)).exclude(pk__in=below(group))


def would_cycle(parent: Group, child: Group) -> bool:
    """Whether putting `child` into `parent` would close a circle."""
    return Group.objects.filter(pk=child.pk, pk__in=above(parent)).exists()


def doomed_groups(group: Group) -> set[int]:
    """What goes with a group: everything below it that hangs on nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(PARENTS_BELOW, [[group.pk]])
        parents: dict[int, set[int]] = defaultdict(set)
        for child, parent in cursor.fetchall():
            parents[child].add(parent)
    children: dict[int, set[int]] = defaultdict(set)
    for child, above_it in parents.items():
        for parent in above_it:
            children[parent].add(child)
    doomed, queue = {group.pk}, [group.pk]
    while queue:
        for child in children[queue.pop()]:
            if child not in doomed and parents[child] <= doomed:
                doomed.add(child)
                queue.append(child)
    return doomed
