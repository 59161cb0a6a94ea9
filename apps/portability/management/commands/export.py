"""`manage.py export > file`: the configuration of this installation."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from apps.core.progress import Progress
from apps.portability.config import exporting, passphrase
from apps.portability.config.sealing import Seal


class Command(BaseCommand):
    """Lines go out as they are read; memory stays flat whatever the number of hosts."""

    help = (
        "Write the configuration as lines of JSON: organizations, users (without passwords), teams, roles, "
        "credentials, projects, inventories with their hosts, templates, workflows, schedules, notification "
        "templates, settings. Secrets are left out, unless --with-secrets encrypts them under a passphrase. Jobs "
        "are not configuration."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether secrets go along."""
        parser.add_argument("--with-secrets", action="store_true", help="Take secrets along, under a passphrase.")
        parser.add_argument(
            "--passphrase-file", help=f"Where it stands; else {passphrase.VARIABLE}, else the terminal is asked."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write line by line what is there at one moment."""
        secret = passphrase.ask(options["passphrase_file"], twice=True) if options["with_secrets"] else ""
        with transaction.atomic(), Progress("lines") as bar:
            if not connection.savepoint_ids:
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for line in exporting.lines(Seal(secret)):
                self.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
                bar.advance()
