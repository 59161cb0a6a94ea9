"""`revoke_oauth2_tokens [--user NAME] [--revoke_refresh]`: ends tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.oauth.models import OAuth2AccessToken, OAuth2RefreshToken


class Command(BaseCommand):
    """Revokes the tokens of one user, or of all. Tokens are named by id: the tables do not hold them."""

    help = "Revokes OAuth 2 access tokens, and refresh tokens if asked."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and whether refresh tokens too."""
        parser.add_argument("--user", dest="user", type=str, help="only the tokens of this user")
        parser.add_argument("--revoke_refresh", action="store_true", default=False, help="refresh tokens as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each revoked token."""
        mine: dict[str, Any] = {}
        if options["user"]:
            user = get_user_model().objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError("There is no user of this name.")
            mine["user"] = user
        if options["revoke_refresh"]:
            for refresh in OAuth2RefreshToken.objects.filter(revoked=None, **mine).order_by("pk"):
                access = refresh.access_token_id
                refresh.revoke()
                if access is not None:
                    self.stdout.write(f"revoked OAuth2AccessToken {access}")
                self.stdout.write(f"revoked OAuth2RefreshToken {refresh.pk}")
        for token in OAuth2AccessToken.objects.filter(**mine).order_by("pk"):
            number = token.pk
            token.revoke()
            self.stdout.write(f"revoked OAuth2AccessToken {number}")
