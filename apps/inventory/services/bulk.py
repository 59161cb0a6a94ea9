"""Many hosts at once, by a number of queries that does not grow with them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction

from apps.core import context
from apps.inventory.models import Host, Inventory

from . import counters, limits, sets


def create_hosts(inventory: Inventory, rows: list[dict[str, Any]]) -> list[Host]:
    """New hosts; the inventory's entry in the stream tells how many it has now."""
    limits.check_room(inventory.organization, [row["name"] for row in rows])
    user = context.actor()
    made = Host.objects.bulk_create(
        [Host(inventory=inventory, created_by=user, modified_by=user, **row) for row in rows], batch_size=2_000
    )
    changed_by(inventory.pk, len(made))
    counters.count_later([inventory.pk])
    return made


def delete_hosts(ids: list[int]) -> dict[int, str]:
    """Delete hosts; {id: name} of them."""
    rows = list(Host.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name", "inventory_id"))
    sets.delete_ids(Host, ids)
    numbers = Counter(inventory_id for _, _, inventory_id in rows)
    for inventory_id, number in numbers.items():
        changed_by(inventory_id, -number)
    counters.count_later(numbers)
    return {pk: name for pk, name, _ in rows}


@transaction.atomic
def changed_by(inventory_id: int, number: int) -> None:
    """Note the new number of hosts, with an entry in the stream."""
    inventory = Inventory.objects.select_for_update().get(pk=inventory_id)
    inventory.total_hosts = max(inventory.total_hosts + number, 0)
    inventory.save(update_fields=["total_hosts"])
