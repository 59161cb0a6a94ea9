"""`manage.py list_instances`."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.instances.models import Instance, InstanceGroup


class Command(BaseCommand):
    """Lists instances by group."""

    help = "List the instance groups with their instances, capacity and last heartbeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Groups first, then the instances of none; colours only on a terminal that wants them."""
        self.coloured = not options["no_color"] and (options["force_color"] or self.stdout.isatty())
        for group in InstanceGroup.objects.prefetch_related("instances"):
            share, least = group.policy_instance_percentage, group.policy_instance_minimum
            policy = (f" policy={share}%" if share else "") + (f" policy>={least}" if least else "")
            self.block(group.name, list(group.instances.all()), policy)
        lonely = list(Instance.objects.filter(rampart_groups=None))
        if lonely:
            self.block("ungrouped", lonely)

    def block(self, name: str, members: list[Instance], policy: str = "") -> None:
        """A group, its instances and an empty line."""
        self.stdout.write(f"[{name} capacity={sum(i.capacity for i in members)}{policy}]")
        for instance in members:
            self.stdout.write(f"\t{self.line(instance)}")
        self.stdout.write("")

    def line(self, instance: Instance) -> str:
        """One instance: green where it can work, red where it cannot, grey where it is switched off."""
        working = instance.node_type != "hop"
        parts = [
            instance.hostname,
            f"capacity={instance.capacity}" if working else "",
            f"node_type={instance.node_type}",
            f"version={instance.version or '?'}" if working else "",
            f'heartbeat="{instance.last_seen:%Y-%m-%d %H:%M:%S}"' if instance.last_seen else "",
        ]
        text = ("" if instance.enabled else "[DISABLED] ") + " ".join(filter(None, parts))
        colour = 90 if not instance.enabled else 91 if working and not instance.capacity else 92
        return f"\033[{colour}m{text}\033[0m" if self.coloured else text
