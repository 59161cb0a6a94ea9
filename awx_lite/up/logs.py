"""Log files of bounded size: the children append, the launcher rotates."""

from __future__ import annotations

import shutil
from pathlib import Path

LIMIT = 10 * 1024 * 1024
KEPT = 3


def rotate(directory: Path, limit: int = LIMIT) -> None:
    """Copy each file over the limit to `.1` and empty it; children keep it open for appending, so nothing moves."""
    for path in directory.glob("*.log"):
        if path.stat().st_size <= limit:
            continue
        for number in range(KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        with path.open("r+b") as stream:
            stream.truncate(0)


def last_line(path: Path) -> str:
    """The last line that says something, for the sentence about a process that does not start."""
    if not path.exists():
        return "it wrote no log"
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace")[-8000:].splitlines()]
    telling = [line for line in lines if "FATAL" in line or "Error" in line]
    return (telling or [line for line in lines if line] or ["its log is empty"])[-1]
