"""`cleartokens`: deletes tokens and codes that have expired, refresh tokens too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.oauth.services import clear_expired


class Command(BaseCommand):
    """What housekeeping does by itself, at once."""

    help = "Deletes expired OAuth 2 tokens, refresh tokens and codes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many rows went."""
        self.stdout.write(f"{clear_expired()} expired rows deleted")
