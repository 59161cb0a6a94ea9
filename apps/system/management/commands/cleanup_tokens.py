"""`manage.py cleanup_tokens`: delete access and refresh tokens that have expired."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """The same as cleartokens, under AWX's other name for it."""

    help = "Delete expired OAuth 2 access and refresh tokens."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them."""
        call_command("cleartokens", stdout=self.stdout)
        self.stdout.write("tokens: expired ones deleted")
