"""Instances, instance groups and execution environments."""
