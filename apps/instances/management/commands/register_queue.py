"""`manage.py register_queue`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.instances.models import Instance, InstanceGroup
from apps.instances.services import apply_policies


class Command(BaseCommand):
    """Makes an instance group."""

    help = "Create an instance group, or change its instances and policy."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags."""
        parser.add_argument("--queuename", required=True, help="The group's name.")
        parser.add_argument("--hostnames", default="", help="Instances that belong to it, separated by commas.")
        parser.add_argument("--instance_percent", type=int, default=0, help="Percentage of all instances.")
        parser.add_argument("--instance_minimum", type=int, default=0, help="At least so many instances.")

    def handle(self, *args: Any, **options: Any) -> None:
        """An unknown instance is an error, and changes nothing."""
        if not 0 <= options["instance_percent"] <= 100 or options["instance_minimum"] < 0:  # noqa: PLR2004
            raise CommandError("A percentage lies between 0 and 100, a minimum is not negative.")
        names = [name.strip() for name in options["hostnames"].split(",") if name.strip()]
        known = set(Instance.objects.filter(hostname__in=names).values_list("hostname", flat=True))
        missing = [name for name in names if name not in known]
        if missing:
            raise CommandError(f"No instance is named {missing[0]}.")
        policy = {
            "policy_instance_percentage": options["instance_percent"],
            "policy_instance_minimum": options["instance_minimum"],
            "policy_instance_list": names,
        }
        before = InstanceGroup.objects.filter(name=options["queuename"], **policy).exists()
        _, made = InstanceGroup.objects.update_or_create(name=options["queuename"], defaults=policy)
        apply_policies()
        done = "Already registered" if before else "Created" if made else "Updated"
        self.stdout.write(f"{done} instance group {options['queuename']}")
        if not before:
            self.stdout.write("(changed: True)")
