"""`manage.py provision_instance`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.instances.models import HOSTNAME, NODE_TYPES
from apps.instances.services import provision


class Command(BaseCommand):
    """Registers an instance."""

    help = "Register a host that runs jobs. Its worker makes it ready with its first heartbeat."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags."""
        parser.add_argument("--hostname", default=settings.CLUSTER_HOST_ID, help="The instance's name.")
        parser.add_argument("--node_type", "--node-type", default="hybrid", choices=[name for name, _ in NODE_TYPES])
        parser.add_argument("--uuid", default="", help="The instance's identity; made from the name where not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say that something changed, where it did: installers look for these words."""
        if not HOSTNAME.match(options["hostname"]):
            raise CommandError("This is no name of a host.")
        found, made = provision(options["hostname"], node_type=options["node_type"], identity=options["uuid"])
        self.stdout.write(f"{'Registered' if made else 'Already registered'} {found.hostname}")
        if made:
            self.stdout.write("(changed: True)")
