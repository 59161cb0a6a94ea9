"""`expire_sessions [--user NAME]`: ends sessions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.identity.models import UserSession


class Command(BaseCommand):
    """Logs everybody out, or one user."""

    help = "Ends the sessions of all users, or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("--user", dest="user", type=str, help="only the sessions of this user")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete the rows."""
        rows = UserSession.objects.all()
        if options["user"]:
            user = get_user_model().objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError("There is no user of this name.")
            rows = rows.filter(user=user)
        rows.delete()
