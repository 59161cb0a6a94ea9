"""Inventories, hosts, groups and sources."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "apps.inventory"
    label = "inventory"
    verbose_name = "Inventories and hosts"

    def ready(self) -> None:
        """The runs of updates are registered; the ends of jobs are listened to."""
        from apps.core import events

        from . import runs  # noqa: F401
        from .services import counters, listeners

        events.finished.connect(counters.job_is_over, dispatch_uid="inventory.count")
        events.organization_leaving.connect(listeners.jobs_of_organization, dispatch_uid="inventory.leaving")
        events.finished.connect(listeners.count_machines, dispatch_uid="inventory.metrics")
