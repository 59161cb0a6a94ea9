"""Putting hosts and groups into an inventory, and taking them out (which deletes them)."""

from __future__ import annotations

from typing import Any

from apps.core.errors import BadRequest
from apps.inventory.models import Group, Host, Inventory

from . import counters, deletion, limits


def refuse_taken(inventory: Inventory, child: Any) -> None:
    """Hosts and groups of an inventory share their names."""
    for model in (Host, Group):
        if model.objects.filter(inventory=inventory, name=child.name).exists():
            raise BadRequest({"detail": f"The inventory has a {model._meta.verbose_name} named {child.name} already."})


def move(inventory: Inventory, child: Any) -> None:
    """Give a row to another inventory."""
    before = child.inventory_id
    refuse_taken(inventory, child)
    child.inventory = inventory
    child.save(update_fields=["inventory"])
    counters.count_later([before, inventory.pk])


def move_host(user: Any, inventory: Inventory, host: Host) -> None:
    """A host of another inventory moves here, out of its groups."""
    if host.inventory_id == inventory.pk:
        return
    limits.check_room(inventory.organization, [host.name])
    move(inventory, host)
    host.groups.clear()


def move_group(user: Any, inventory: Inventory, group: Group) -> None:
    """A group of another inventory moves here, without its hosts, children and parents."""
    if group.inventory_id == inventory.pk:
        return
    move(inventory, group)
    group.hosts.clear()
    group.children.clear()
    group.parents.clear()


def remove_host(user: Any, inventory: Inventory, host: Host) -> None:
    """A host cannot be without an inventory: it goes."""
    if host.inventory_id == inventory.pk:
        deletion.delete_host(host)


def remove_group(user: Any, inventory: Inventory, group: Group) -> None:
    """A group cannot be without an inventory: it goes; what is in it stays."""
    if group.inventory_id == inventory.pk:
        group.delete()
        counters.count_later([inventory.pk])
