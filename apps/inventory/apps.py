"""Inventories, hosts, groups and sources."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "apps.inventory"
    label = "inventory"
