"""Inventories, hosts, groups and sources."""
