"""Projects: playbooks under version control."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The projects app."""

    name = "apps.projects"
    label = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        """Tell the runner how project updates run."""
        from . import runs  # noqa: F401
