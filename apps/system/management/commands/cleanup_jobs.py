"""`manage.py cleanup_jobs --days 90`: delete finished jobs that are older, with their output."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.system.cleanup.jobs import KINDS, clean


class Command(BaseCommand):
    """Without a flag that names a kind, all kinds are cleaned."""

    help = "Delete finished jobs older than some days, with their events."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags, and --keep."""
        parser.add_argument("--days", type=int, default=90, metavar="N", help="Jobs created more than N days ago go.")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="Keep the last N jobs of each template.")
        parser.add_argument("--dry-run", action="store_true", help="Only count.")
        for flag in KINDS:
            parser.add_argument(f"--{flag.replace('_', '-')}", action="store_true", help="Clean this kind.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, then one line a kind."""
        if options["days"] < 0 or options["keep"] < 0:
            raise CommandError("--days and --keep must not be negative.")
        kinds = [flag for flag in KINDS if options[flag]] or list(KINDS)
        counts = clean(kinds, options["days"], keep=options["keep"], dry_run=options["dry_run"])
        verb = "would be deleted" if options["dry_run"] else "deleted"
        for flag, number in counts.items():
            self.stdout.write(f"{flag.replace('_', ' ')}: {number} {verb}")
