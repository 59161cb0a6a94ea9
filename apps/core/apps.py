"""The API machinery: it has no tables and knows no app above it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Loads every app's declarations once all models are ready."""

    name = "apps.core"
    label = "core"

    def ready(self) -> None:
        """Import each app's `resources` and `pages`, so that the registry is complete before the first URL."""
        from . import checks, connections  # noqa: F401

        connections.connect()
        autodiscover_modules("resources", "pages")
