"""Schedules: when a template starts by itself."""
