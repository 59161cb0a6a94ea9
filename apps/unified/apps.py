"""What all templates and jobs share: launch, dispatch, run, events."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate  # noqa: TID251  (of the schema, not of rows)

from apps.core import events


class UnifiedConfig(AppConfig):
    """The unified app."""

    name = "apps.unified"
    label = "unified"
    verbose_name = "All that runs"

    def ready(self) -> None:
        """The tables of events are no models' affair: they are made whenever the database is migrated."""
        from .events.tables import after_migrate

        post_migrate.connect(after_migrate, sender=self)
        events.instances_lost.connect(instances_lost, dispatch_uid="unified.instances_lost")


def instances_lost(sender: Any, hostnames: list[str], **more: Any) -> None:
    """What waits on lost instances goes elsewhere at once."""
    from .dispatch import lost

    lost.give_back()
