"""One launcher at a time per data directory, and how another command finds it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from .errors import StartError


class Lock:
    """A file lock that ends with the process that holds it; the file names that process."""

    def __init__(self, home: Path) -> None:
        self.path = home / "run" / "up.lock"
        self._stream: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or say who has it."""
        stream = self.path.open("a+", encoding="ascii")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            raise StartError(f"awx_lite already runs (process {self.holder()}): `make down` stops it.") from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        os.set_inheritable(stream.fileno(), False)  # noqa: FBT003
        self._stream = stream

    def release(self) -> None:
        """Let the next one start."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def holder(self) -> int | None:
        """The process that holds the lock, or None."""
        try:
            with self.path.open("r+", encoding="ascii") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    stream.seek(0)
                    return int(stream.read() or 0)
        except FileNotFoundError:
            return None
        return None
