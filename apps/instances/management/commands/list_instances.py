"""`manage.py list_instances`."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.instances.models import Instance, InstanceGroup


class Command(BaseCommand):
    """Lists instances by group."""

    help = "List the instance groups with their instances, capacity and last heartbeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Groups first, then the instances of none."""
        for group in InstanceGroup.objects.prefetch_related("instances"):
            members = list(group.instances.all())
            self.stdout.write(f"[{group.name} capacity={sum(i.capacity for i in members)}]")
            for instance in members:
                self.line(instance)
        lonely = Instance.objects.filter(rampart_groups=None)
        if lonely:
            self.stdout.write("[ungrouped]")
            for instance in lonely:
                self.line(instance)

    def line(self, instance: Instance) -> None:
        """One instance."""
        seen = f"{instance.last_seen:%Y-%m-%d %H:%M:%S}" if instance.last_seen else "never"
        state = "" if instance.enabled else " [DISABLED]"
        self.stdout.write(
            f"\t{instance.hostname} capacity={instance.capacity} node_type={instance.node_type}"
            f' version={instance.version or "?"} heartbeat="{seen}"{state}'
        )
