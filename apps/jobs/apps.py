"""Job templates, jobs and ad hoc commands."""

from django.apps import AppConfig

from apps.core import events


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "apps.jobs"
    label = "jobs"
    verbose_name = "Job templates and jobs"

    def ready(self) -> None:
        """Tell the runner how jobs and commands run, and listen for webhooks and retries."""
        from . import runs  # noqa: F401
        from .services.reports import job_changed
        from .services.retrying import job_finished

        events.started.connect(job_changed, dispatch_uid="jobs.webhook_started")
        events.finished.connect(job_changed, dispatch_uid="jobs.webhook_finished")
        events.finished.connect(job_finished, dispatch_uid="jobs.retry")
