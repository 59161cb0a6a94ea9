"""Tables as CSV files: PostgreSQL writes them by COPY, in slices of a bounded size, so memory stays flat."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection

SLICE_BYTES = 100 * 1024 * 1024


class Slices:
    """What COPY writes into: a new file begins after so many rows or bytes, and each begins with the header.

    The files are `<name>.csv` where one is enough, else `<name>_split0.csv`, `<name>_split1.csv`, …
    """

    def __init__(self, directory: Path, name: str, *, rows: int = 0, size: int = SLICE_BYTES) -> None:
        self.directory, self.name, self.most_rows, self.most_bytes = directory, name, rows, size
        self.header = b""
        self.files: list[Path] = []
        self.rows = 0  # in all files
        self.here = self.written = 0  # rows and bytes in this file
        self.file: BinaryIO | None = None

    def write(self, line: bytes) -> int:
        """One row, as COPY gives it; the first one is the header."""
        if not self.header:
            self.header = line
            self.open()
            return len(line)
        full = (self.most_rows and self.here >= self.most_rows) or self.written + len(line) > self.most_bytes
        if full and self.here:
            self.open()
        self.file.write(line)
        self.here, self.written, self.rows = self.here + 1, self.written + len(line), self.rows + 1
        return len(line)

    def open(self) -> None:
        """The next file."""
        if self.file:
            self.file.close()
        if len(self.files) == 1:
            self.files[0] = self.files[0].rename(self.directory / f"{self.name}_split0.csv")
        suffix = f"_split{len(self.files)}" if self.files else ""
        path = self.directory / f"{self.name}{suffix}.csv"
        self.file = path.open("wb")
        self.files.append(path)
        self.file.write(self.header)
        self.here, self.written = 0, len(self.header)

    def close(self) -> None:
        """No more rows."""
        if self.file:
            self.file.close()


def copy_out(sql: str, values: Mapping[str, Any], target: Any) -> None:
    """Write the rows of a SELECT as CSV with a header into anything with `write`."""
    with connection.cursor() as cursor:
        query = cursor.cursor.mogrify(sql, values).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", target)


def copy_slices(sql: str, values: Mapping[str, Any], directory: Path, name: str, **limits: int) -> Slices:
    """The rows of a SELECT as CSV files in a directory."""
    out = Slices(directory, name, **limits)
    try:
        copy_out(sql, values, out)
    finally:
        out.close()
    return out


def pack(path: Path, files: list[Path]) -> Path:
    """A private tar.gz of some files, without their directories."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        for file in files:
            archive.add(file, arcname=f"./{file.name}")
    return path
