"""Notification templates, their backends, and what was sent."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Listens to jobs."""

    name = "apps.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Connect to what jobs announce."""
        from apps.core import events

        from .listeners import job_finished, job_started

        events.started.connect(job_started, dispatch_uid="notifications.started")
        events.finished.connect(job_finished, dispatch_uid="notifications.finished")
