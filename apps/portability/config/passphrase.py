"""Where the passphrase of a file comes from: a file, the environment, or the terminal; never the command line."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from django.core.management.base import CommandError

VARIABLE = "AWX_LITE_PASSPHRASE"
SHORTEST = 8


def ask(path: str | None, *, twice: bool) -> str:
    """The passphrase; CommandError where there is none or it is too short."""
    if path:
        found = Path(path).read_text(encoding="utf-8").strip()
    elif VARIABLE in os.environ:
        found = os.environ[VARIABLE]
    elif sys.stdin.isatty():
        found = getpass.getpass("Passphrase: ")
        if twice and getpass.getpass("Again: ") != found:
            raise CommandError("The two passphrases differ.")
    else:
        raise CommandError(f"Give the passphrase by --passphrase-file or {VARIABLE}.")
    if len(found) < SHORTEST:
        raise CommandError(f"The passphrase must have at least {SHORTEST} characters.")
    return found
