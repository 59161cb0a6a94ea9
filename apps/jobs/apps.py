"""Job templates, jobs and ad hoc commands."""

from django.apps import AppConfig

from apps.core import events


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "apps.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Tell the runner how jobs and commands run, and listen for those whose webhook wants to know."""
        from . import runs  # noqa: F401
        from .services.reports import job_changed

        events.started.connect(job_changed, dispatch_uid="jobs.webhook_started")
        events.finished.connect(job_changed, dispatch_uid="jobs.webhook_finished")
