"""The data directory: what is in it, who may read it, and the two secrets that the first start writes."""

from __future__ import annotations

import os
import secrets
import shutil
import string
from dataclasses import dataclass
from pathlib import Path

from .binaries import postgres_place
from .errors import StartError

CHECKOUT = Path(__file__).resolve().parents[2]
MARKER = ".awx_lite"
PRIVATE = ("log", "run", "runs", "projects", "checkouts", "valkey")
NEEDED_BYTES = 300 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """The data directory of one installation."""

    home: Path

    @classmethod
    def of_environment(cls) -> Place:
        """AWX_LITE_HOME, or `var` in the checkout."""
        return cls(Path(os.environ.get("AWX_LITE_HOME") or CHECKOUT / "var").expanduser().resolve())

    @property
    def postgres(self) -> Path:
        """Where the embedded PostgreSQL lives."""
        return postgres_place(self.home)

    @property
    def environment(self) -> Path:
        """The file by which manage.py finds the running servers."""
        return self.home / "environment"

    def log(self, name: str) -> Path:
        """The log file of one process."""
        return self.home / "log" / f"{name}.log"

    def exists(self) -> bool:
        """Whether this is a data directory of ours."""
        return (self.home / MARKER).is_file()

    def prepare(self) -> None:
        """Make the directories, or check those of an earlier start."""
        home = self.home
        if home.exists() and not home.is_dir():
            raise StartError(f"The data directory {home} is a file: move it away or set AWX_LITE_HOME.")
        if home.is_dir() and not self.exists() and any(home.iterdir()):
            raise StartError(f"{home} is not empty and not a data directory of awx_lite: set AWX_LITE_HOME to another.")
        # Root's PostgreSQL runs as nobody, who must be able to walk through; all that is private below is 0700 or 0600.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        home.mkdir(mode=mode, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise StartError(f"No permission to write to {home}: change its owner or set AWX_LITE_HOME.")
        self.check_space()
        (home / MARKER).touch(mode=0o600)
        for name in PRIVATE:
            (home / name).mkdir(mode=0o700, exist_ok=True)

    def check_space(self) -> None:
        """Refuse to start on a disk that is about to be full."""
        free = shutil.disk_usage(self.home).free
        if free < NEEDED_BYTES:
            needed = NEEDED_BYTES // 1024**2
            have = free // 1024**2
            raise StartError(f"The disk of {self.home} is full: {have} MB are free and {needed} MB are needed.")

    def secret_key(self) -> str:
        """The key that all stored secrets depend on; made once."""
        return os.environ.get("SECRET_KEY") or self._once("secret_key", secrets.token_urlsafe(50))

    def admin_password(self) -> str:
        """The first password of admin: AWX_LITE_ADMIN_PASSWORD at the first start, or one made then."""
        return self._once("admin_password", os.environ.get("AWX_LITE_ADMIN_PASSWORD") or fresh_password())

    def _once(self, name: str, fresh: str) -> str:
        path = self.home / name
        if not path.exists():
            write_private(path, fresh)
        value = path.read_text(encoding="utf-8").strip()
        if not value:
            raise StartError(f"{path} is empty: restore it from a backup, or run `make clean` to begin anew.")
        return value

    def remove(self) -> None:
        """Delete everything, the place of PostgreSQL under /var/lib included."""
        postgres = self.postgres
        for directory in (postgres, self.home):
            if directory.exists():
                shutil.rmtree(directory)


def fresh_password() -> str:
    """Twenty letters and digits (119 bits): no sign that a command line would take for something else."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(20))


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(f"{content}\n")
    partial.rename(path)
