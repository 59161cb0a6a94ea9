"""The activity stream."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """The activity app."""

    name = "apps.activity"
    label = "activity"
    verbose_name = "Activity"

    def ready(self) -> None:
        """Listen to the audited models."""
        from . import receivers

        receivers.connect()
