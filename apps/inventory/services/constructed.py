"""Constructed inventories: hosts of other inventories, grouped and extended by the plugin `constructed`."""

from __future__ import annotations

from typing import Any

from apps.inventory.models import Inventory, InventorySource

from .counters import count_sources


def give_source(inventory: Inventory, **options: Any) -> InventorySource:
    """The one source of a constructed inventory, made or changed."""
    source = InventorySource.objects.filter(inventory=inventory, source="constructed").first()
    if source is None:
        source = InventorySource(
            name=f"Auto-created source for: {inventory.name}"[:512], inventory=inventory, source="constructed",
            overwrite=True, overwrite_vars=True, update_on_launch=True,
        )  # fmt: skip
    for name, value in options.items():
        setattr(source, name, value)
    source.save()
    count_sources([inventory.pk])
    return source
