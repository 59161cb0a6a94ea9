"""Which hosts an inventory consists of: its own, or for a smart one those that its filter finds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.db.models import Min

from apps.inventory.host_filter import FilterError, to_query
from apps.inventory.models import Host, Inventory, SmartInventoryMembership

CHUNK = 2_000


def hosts_of(inventory: Inventory) -> Any:
    """The hosts of an inventory of any kind, as a queryset."""
    if inventory.kind != "smart":
        return Host.objects.filter(inventory=inventory)
    return Host.objects.filter(pk__in=smart_ids(inventory))


def smart_ids(inventory: Inventory) -> Any:
    """The ids of a smart inventory's hosts: of plain inventories of its organization; of equal names the oldest."""
    if not inventory.host_filter or inventory.organization_id is None:
        return Host.objects.none().values("pk")
    try:
        condition = to_query(inventory.host_filter)
    except FilterError:
        return Host.objects.none().values("pk")
    rows = Host.objects.filter(
        condition, inventory__organization=inventory.organization_id, inventory__kind="",
        inventory__pending_deletion=False,
    )  # fmt: skip
    return rows.order_by().values("name").annotate(first=Min("pk")).values("first")


def smart_inventories_of(host: Host) -> Any:
    """The smart inventories that a host is in now: every filter is asked, in one query."""
    found = Inventory.objects.filter(kind="smart", organization=host.inventory.organization_id, pending_deletion=False)
    asked = [
        Host.objects.filter(pk=host.pk, pk__in=smart_ids(inventory)).order_by().values_list(models.Value(inventory.pk))
        for inventory in found
    ]
    if not asked:
        return Inventory.objects.none()
    return Inventory.objects.filter(pk__in=[pk for (pk,) in asked[0].union(*asked[1:], all=True)])


def remember_members(inventory: Inventory) -> None:
    """Write down of which hosts a smart inventory consists, for filters over the relation."""
    rows = SmartInventoryMembership.objects.filter(inventory=inventory)
    found = hosts_of(inventory).order_by().values("pk")
    with transaction.atomic():
        rows.exclude(host__in=found).delete()
        fresh = hosts_of(inventory).exclude(pk__in=rows.values("host")).values_list("pk", flat=True)
        for start in chunks(fresh.order_by("pk").iterator(CHUNK)):
            SmartInventoryMembership.objects.bulk_create(
                [SmartInventoryMembership(host_id=pk, inventory=inventory) for pk in start], ignore_conflicts=True
            )


def chunks(values: Iterator[int]) -> Iterator[list[int]]:
    """Values, some thousand at a time."""
    while held := list(islice(values, CHUNK)):
        yield held
