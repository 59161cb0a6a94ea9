"""The settings registry."""

from django.apps import AppConfig


class ConfConfig(AppConfig):
    """The conf app."""

    name = "apps.conf"
    label = "conf"
    verbose_name = "Settings"
    browse_last = True

    def ready(self) -> None:
        """Declare every setting, and let Django's own follow the live ones."""
        from . import declared

        declared.load()
