"""Paths below inventories, hosts, groups and sources that are no lists."""
