"""`manage.py cleanup_activitystream --days 90`: delete older entries of the activity stream."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.system.cleanup.stream import clean


class Command(BaseCommand):
    """Old entries go by sets."""

    help = "Delete entries of the activity stream older than some days."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags."""
        parser.add_argument("--days", type=int, default=90, metavar="N", help="Entries older than N days go.")
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, then say how many."""
        if options["days"] < 0:
            raise CommandError("--days must not be negative.")
        number = clean(options["days"], dry_run=options["dry_run"])
        self.stdout.write(f"activity stream: {number} {'would be deleted' if options['dry_run'] else 'deleted'}")
