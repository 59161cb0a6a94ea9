"""The settings registry."""
