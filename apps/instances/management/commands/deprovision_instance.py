"""`manage.py deprovision_instance`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.instances.services import deprovision


class Command(BaseCommand):
    """Forgets an instance."""

    help = "Remove an instance from the server; its jobs' history stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flag."""
        parser.add_argument("--hostname", required=True, help="The instance's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what happened; as in AWX, what is not there need not be removed."""
        if not deprovision(options["hostname"]):
            self.stdout.write(f"No instance is named {options['hostname']}")
            return
        self.stdout.write(f"Removed {options['hostname']}")
        self.stdout.write("(changed: True)")
