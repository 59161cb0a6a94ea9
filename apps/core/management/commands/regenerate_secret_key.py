"""`regenerate_secret_key [--use-custom-key]`: a new SECRET_KEY, under which all stored secrets are kept from now on."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.core import crypto, rekey

CUSTOM = "TOWER_SECRET_KEY"


class Command(BaseCommand):
    """Rotates all secrets or none, writes the key file where there is one, and prints the new key."""

    help = "Makes a new SECRET_KEY and encrypts all stored secrets with it. Stop the server first, start it after."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether the key is given."""
        parser.add_argument(
            "--use-custom-key", action="store_true", default=False, help=f"the key is in the variable {CUSTOM}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, then print the key alone on its line."""
        new = os.environ.get(CUSTOM, "") if options["use_custom_key"] else secrets.token_urlsafe(50)
        if not new:
            raise CommandError(f"--use-custom-key needs the key in the variable {CUSTOM}.")
        path = Path(settings.AWX_LITE_HOME) / "secret_key"
        try:
            with transaction.atomic():
                rekey.rekey(settings.SECRET_KEY, new)
                waiting = self.write(path, new)
        except crypto.DecryptionError as error:
            raise CommandError(str(error)) from error
        if waiting is not None:
            waiting.replace(path)
        self.stdout.write(new)

    @staticmethod
    def write(path: Path, key: str) -> Path | None:
        """The new key beside the key file, if the present key comes from there: it is there before the rows change."""
        if not path.exists() or path.read_text(encoding="utf-8").strip() != settings.SECRET_KEY:
            return None
        waiting = path.with_name("secret_key.new")
        waiting.unlink(missing_ok=True)
        with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return waiting
