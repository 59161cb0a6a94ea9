"""What all templates and jobs share: launch, dispatch, run, events."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate  # noqa: TID251  (of the schema, not of rows)


class UnifiedConfig(AppConfig):
    """The unified app."""

    name = "apps.unified"
    label = "unified"

    def ready(self) -> None:
        """The tables of events are no models' affair: they are made whenever the database is migrated."""
        from .events.tables import after_migrate

        post_migrate.connect(after_migrate, sender=self)
