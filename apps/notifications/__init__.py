"""Notification templates and their backends."""
