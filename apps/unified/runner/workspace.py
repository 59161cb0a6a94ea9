"""The private directory of one run: made 0700, filled by the run, removed when the job is over."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from django.conf import settings


@dataclass
class Workspace:
    """`path` is the run's own; `env` is what its process gets beside the allow-listed environment."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def name(cls, job_id: int) -> Path:
        """The path of a new workspace, below RUNNER_ROOT, that cannot be guessed."""
        return Path(settings.RUNNER_ROOT) / f"{job_id}-{uuid4().hex[:16]}"

    @classmethod
    def make(cls, path: Path | str) -> Workspace:
        """Make the directory."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(mode=0o700)
        return cls(path)

    @classmethod
    def of(cls, path: str) -> Workspace:
        """The workspace of a process that runs already."""
        return cls(Path(path))

    def write(self, name: str, text: str | bytes, *, mode: int = 0o600) -> Path:
        """Write a file that only the owner reads; `name` may name directories below the workspace."""
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ValueError("A file of a run lies inside its workspace.")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return path

    def directory(self, name: str) -> Path:
        """A directory of the run's own."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def remove(self) -> None:
        """Remove everything, also what the run made read-only."""
        root = Path(settings.RUNNER_ROOT).resolve()
        if self.path.resolve().parent != root:
            raise ValueError("Only a workspace below RUNNER_ROOT is removed.")
        shutil.rmtree(self.path, onerror=force)


def force(function: object, path: str, _error: object) -> None:
    """Make the parent writable and try again; what is gone already is fine."""
    try:
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, stat.S_IRWXU)
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
