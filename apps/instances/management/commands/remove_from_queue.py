"""`manage.py remove_from_queue`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.instances.models import Instance, InstanceGroup


class Command(BaseCommand):
    """Takes an instance out of a group."""

    help = "Take an instance out of an instance group, also out of the group's policy."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags."""
        parser.add_argument("--queuename", required=True, help="The group's name.")
        parser.add_argument("--hostname", required=True, help="The instance's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Both must exist."""
        group = InstanceGroup.objects.filter(name=options["queuename"]).first()
        instance = Instance.objects.filter(hostname=options["hostname"]).first()
        if group is None or instance is None:
            raise CommandError("There is no such instance group or no such instance.")
        group.instances.remove(instance)
        group.policy_instance_list = [n for n in group.policy_instance_list if n != instance.hostname]
        group.save()
        self.stdout.write(f"Removed {instance.hostname} from {group.name}")
        self.stdout.write("(changed: True)")
