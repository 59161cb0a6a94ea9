"""`manage.py import FILE`: take in a configuration that `manage.py export` wrote."""  # noqa: N999

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.core import context
from apps.core.progress import Progress
from apps.portability.config import passphrase
from apps.portability.config.importing import Import, NotOurFileError, Report
from apps.portability.config.sealing import WrongPassphraseError


class Command(BaseCommand):
    """One transaction: all that can be taken in, or with --dry-run nothing."""

    help = (
        "Make what a file of `manage.py export` names and is not here, change what differs, leave the rest; nothing is "
        "deleted. Running it again changes nothing. Objects are found by their names. What cannot be taken in is "
        "reported, and the exit status is 1. Projects are not updated by this."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and how careful to be."""
        parser.add_argument("file", help="The file; - for the standard input.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, change nothing.")
        parser.add_argument("--without-secrets", action="store_true", help="Ignore the secrets of the file.")
        parser.add_argument(
            "--passphrase-file", help=f"Where it stands; else {passphrase.VARIABLE}, else the terminal is asked."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, then report."""
        if options["file"] == "-":
            report = self.read(sys.stdin, options)
        else:
            try:
                with Path(options["file"]).open(encoding="utf-8") as file:
                    report = self.read(file, options)
            except OSError as error:
                raise CommandError(str(error)) from error
        self.say(report, dry_run=options["dry_run"])

    def read(self, file: TextIO, options: dict[str, Any]) -> Report:
        """Take the file in, in the name of the first administrator."""
        lines = parsed(file)
        header = next(lines, {})
        secret = ""
        if header.get("secrets") and not options["without_secrets"]:
            secret = passphrase.ask(options["passphrase_file"], twice=False)
        actor = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
        try:
            work = Import(header, secret)
            with transaction.atomic(), context.acting_as(actor), Progress("lines") as bar:
                report = work.run(counted(lines, bar))
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except (NotOurFileError, WrongPassphraseError) as error:
            raise CommandError(str(error)) from error
        return report

    def say(self, report: Report, *, dry_run: bool) -> None:
        """One line a kind, then the problems."""
        for kind, counts in report.counts.items():
            numbers = ", ".join(f"{counts[what]} {what}" for what in ("made", "changed", "same") if counts[what])
            if numbers:
                self.stdout.write(f"{kind.replace('_', ' ')}: {numbers}")
        if dry_run:
            self.stdout.write("Nothing was changed (--dry-run).")
        if report.problems:
            raise CommandError("\n".join(["Not taken in:", *report.problems]))


def parsed(file: TextIO) -> Iterator[dict[str, Any]]:
    """The lines as objects."""
    for number, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except ValueError as error:
            raise CommandError(f"Line {number} is no JSON.") from error
        if not isinstance(line, dict):
            raise CommandError(f"Line {number} is no JSON object.")
        yield line


def counted(lines: Iterator[dict[str, Any]], bar: Progress) -> Iterator[dict[str, Any]]:
    """The lines, while a bar shows how many."""
    for line in lines:
        yield line
        bar.advance()
