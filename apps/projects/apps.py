"""Projects and their checkouts."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The projects app."""

    name = "apps.projects"
    label = "projects"
