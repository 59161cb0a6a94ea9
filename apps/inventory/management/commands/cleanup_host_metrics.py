"""`manage.py cleanup_host_metrics --months-ago 12`: machines that are not automated any more do not count any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.inventory.services import metrics


class Command(BaseCommand):
    """The rows stay: a machine that is automated again counts again."""

    help = "Mark machines as deleted that were not automated for some months; they stop to count, their rows stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flag."""
        parser.add_argument("--months-ago", type=int, default=12, metavar="N", help="Not automated for N months.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark them, then say how many."""
        if options["months_ago"] < 1:
            raise CommandError("--months-ago must be at least 1.")
        self.stdout.write(f"host metrics: {metrics.forget_idle(options['months_ago'])} marked as deleted")
