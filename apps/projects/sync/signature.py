"""Signed content: files are compared with their checksums, and those with their signature, before jobs see them."""

from __future__ import annotations

import sys
from pathlib import Path

from .source import Failed, Source, say


def verify(source: Source) -> None:
    """Fail unless the copy is signed by the project's key; projects without a key are taken as they are."""
    key = source.spec["signature_key"]
    if not key:
        return
    home = source.workspace / "gnupg"
    home.mkdir(mode=0o700)
    # public keys need no agent, which would outlive the update
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-autostart", "--import"]
    source.command(gpg, input=key, stdin=None)
    program = str(Path(sys.executable).with_name("ansible-sign"))
    done = source.run([program, "--nocolor", "project", "gpg-verify", "--gnupg-home", str(home), str(source.copy)])
    if done.returncode:
        raise Failed(f"The signature of the content is not valid: {(done.stdout + done.stderr).strip()}")
    say("The signature of the content is valid.")
