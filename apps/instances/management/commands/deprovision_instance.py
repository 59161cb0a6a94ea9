"""`manage.py deprovision_instance`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.instances.services import deprovision


class Command(BaseCommand):
    """Forgets an instance."""

    help = "Remove an instance from the server; its jobs' history stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flag."""
        parser.add_argument("--hostname", required=True, help="The instance's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what happened; an unknown name is an error."""
        if not deprovision(options["hostname"]):
            raise CommandError(f"No instance is named {options['hostname']}.")
        self.stdout.write(f"Removed {options['hostname']}")
        self.stdout.write("(changed: True)")
