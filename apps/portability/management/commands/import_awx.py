"""Takes over the configuration of a stopped AWX 24.6.1."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.portability.awx import importing
from apps.portability.awx.secrets import WrongKeyError
from apps.portability.awx.source import Source, SourceError

HELP = """
Reads the database of a stopped AWX 24.6.1 and brings its organizations, users (passwords go on working), teams,
rights, credentials, inventories with hosts and groups, projects, templates, workflows, schedules, notification
templates, applications, tokens (existing tokens go on working) and settings. Nothing is written to AWX.

It is all or nothing, and it can be run again: what is here already (by name) stays as it is. Ids are kept where they
are free here. Jobs and their output are not taken.
"""


class Command(BaseCommand):
    """Report what was taken and what was not; exit code 1 where nothing could be."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        """Where AWX's data and key are."""
        parser.add_argument("--database", required=True, help="AWX's database: postgres://user:password@host/name")
        parser.add_argument("--secret-key-file", required=True, help="AWX's SECRET_KEY (/etc/tower/SECRET_KEY)")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be taken, and take nothing.")
        parser.add_argument(
            "--disable-schedules", action="store_true", help="Switch all imported schedules off until you have looked."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the key, import, print the report."""
        try:
            key = Path(options["secret_key_file"]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file with AWX's SECRET_KEY cannot be read: {error}.") from error
        try:
            source = Source(options["database"])
        except SourceError as error:
            raise CommandError(str(error)) from error
        try:
            report = importing.run(
                source,
                key,
                dry_run=options["dry_run"],
                schedules=not options["disable_schedules"],
                say=self.progress,
            )
        except WrongKeyError as error:
            raise CommandError(f"{error} Nothing was taken.") from error
        finally:
            source.close()
        for line in report.lines():
            self.stdout.write(line)
        if options["dry_run"]:
            self.stdout.write("Nothing was taken: this was a dry run.")

    def progress(self, what: str) -> None:
        """On a terminal, say what is being copied."""
        if sys.stderr.isatty():
            self.stderr.write(f"{what} …")
