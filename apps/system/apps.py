"""The house itself: ping, config, dashboard, metrics, cleaning."""

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """Registers how system jobs run."""

    name = "apps.system"
    label = "system"
    verbose_name = "System"
    browse_last = True

    def ready(self) -> None:
        """Tell the runner."""
        from . import runs  # noqa: F401
