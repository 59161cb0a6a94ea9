"""`manage.py unregister_queue`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.instances.access import PERMANENT
from apps.instances.models import InstanceGroup


class Command(BaseCommand):
    """Removes an instance group."""

    help = "Remove an instance group; its instances stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flag."""
        parser.add_argument("--queuename", required=True, help="The group's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The permanent groups stay."""
        name = options["queuename"]
        if name in PERMANENT:
            raise CommandError(f"The instance group {name} cannot be removed.")
        group = InstanceGroup.objects.filter(name=name).first()
        if group is None:
            raise CommandError(f"No instance group is named {name}.")
        group.delete()
        self.stdout.write(f"Removed instance group {name}")
        self.stdout.write("(changed: True)")
