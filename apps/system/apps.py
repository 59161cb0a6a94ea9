"""The system's own pages and jobs."""

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """The system app."""

    name = "apps.system"
    label = "system"
