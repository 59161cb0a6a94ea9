"""Inventories, hosts, groups, sources, updates, facts and host metrics."""

from .group import Group
from .host import Host, HostFacts, SmartInventoryMembership
from .inventory import KINDS, Inventory, InventoryConstructedInventoryMembership, InventoryInstanceGroup
from .metric import HostMetric, HostMetricSummaryMonthly
from .source import CLOUD_SOURCES, SOURCES, InventorySource, InventorySourceOptions, InventoryUpdate

__all__ = [
    "CLOUD_SOURCES",
    "KINDS",
    "SOURCES",
    "Group",
    "Host",
    "HostFacts",
    "HostMetric",
    "HostMetricSummaryMonthly",
    "Inventory",
    "InventoryConstructedInventoryMembership",
    "InventoryInstanceGroup",
    "InventorySource",
    "InventorySourceOptions",
    "InventoryUpdate",
    "SmartInventoryMembership",
]
