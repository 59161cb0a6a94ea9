"""inventories, constructed_inventories, hosts, groups, inventory_sources, inventory_updates, host_metrics, bulk hosts."""

from . import bulk, groups, hosts, inventories, metrics, sources

__all__ = ["bulk", "groups", "hosts", "inventories", "metrics", "sources"]
