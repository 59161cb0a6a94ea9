"""`create_oauth2_token --user NAME`: a personal token, printed once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.oauth.lifetimes import access_seconds
from apps.oauth.models import OAuth2AccessToken


class Command(BaseCommand):
    """Makes a token with the scope `write`."""

    help = "Makes an OAuth 2 token for a user and prints it."

    def add_arguments(self, parser: CommandParser) -> None:
        """The user."""
        parser.add_argument("--user", dest="user", type=str, help="whose token it is")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token, alone on its line."""
        if not options["user"]:
            raise CommandError("Name a user with --user.")
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError("There is no user of this name.")
        token = OAuth2AccessToken(user=user, scope="write")
        clear = token.issue(access_seconds())
        token.save()
        self.stdout.write(clear)
