"""Inventories of all kinds, hosts, groups, sources and their updates, host metrics, bulk changes of hosts."""

from . import bulk, groups, hosts, inventories, metrics, sources

__all__ = ["bulk", "groups", "hosts", "inventories", "metrics", "sources"]
