"""Workflows, approvals and schedules."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """The workflows app."""

    name = "apps.workflows"
    label = "workflows"
