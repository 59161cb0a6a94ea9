"""The pages that are no resources; importing them registers them."""

from . import analytics, config, dashboard, graph, metrics, ping, service_index

__all__ = ["analytics", "config", "dashboard", "graph", "metrics", "ping", "service_index"]
