"""Workflows, approvals and schedules."""
