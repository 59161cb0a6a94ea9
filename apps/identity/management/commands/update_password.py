"""`update_password --username NAME --password NEW`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import events


class Command(BaseCommand):
    """Sets a password, unless it is the same."""

    help = "Sets the password of a user."

    def add_arguments(self, parser: CommandParser) -> None:
        """The user and the password."""
        parser.add_argument("--username", dest="username", type=str, default=None, help="whose password")
        parser.add_argument("--password", dest="password", type=str, default=None, help="the new one")

    def handle(self, *args: Any, **options: Any) -> str:
        """Say whether anything changed."""
        for name in ("username", "password"):
            if not options[name]:
                raise CommandError(f"{name} required")
        user = get_user_model().objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no user of this name.")
        if user.check_password(options["password"]):
            return "Password not updated"
        user.set_password(options["password"])
        user.save()
        events.password_changed.send(sender=type(user), user=user)
        return "Password updated"
