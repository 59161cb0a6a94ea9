"""Job templates, jobs and ad hoc commands."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "apps.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Tell the runner how jobs and commands run."""
        from . import runs  # noqa: F401
