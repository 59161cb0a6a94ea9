"""The embedded PostgreSQL: made once by initdb, then a child process on a unix socket, no TCP port."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .binaries import Account, postgres_programs, server_account
from .errors import StartError

SUPERUSER = "awx"
DATABASE = "awx"
SOCKET_LIMIT = 107  # bytes of a unix socket's path
SOCKET_NAME = ".s.PGSQL.5432"
# As told by postgresql.org for 18: a small shared memory is enough for one machine, WAL stays small.
SETTINGS = {
    "listen_addresses": "",
    # Who may open the socket is let in: its owner, and root.
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "96MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class Postgres:
    """One embedded server: `place` holds data/, socket/ and, where needed, programs/."""

    place: Path
    programs: Path
    account: Account
    sockets: Path
    extra: tuple[tuple[str, str], ...] = ()

    @classmethod
    def at(cls, place: Path, *, throw_away: bool = False) -> Postgres:
        """The server whose files are below `place`; a throw-away one trades safety for speed (tests)."""
        account = server_account()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        account.own(place)
        sockets = socket_directory(place)
        own_directory(sockets, account, 0o711)
        return cls(place, postgres_programs(place), account, sockets, tuple(THROW_AWAY.items()) if throw_away else ())

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.place / "data"

    @property
    def socket(self) -> Path:
        """The unix socket."""
        return self.sockets / SOCKET_NAME

    @property
    def url(self) -> str:
        """The DATABASE_URL of this server."""
        return f"postgres://{SUPERUSER}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    def command(self) -> list[str]:
        """The argv of the server in the foreground."""
        argv = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in {**SETTINGS, **dict(self.extra)}.items():
            argv += ["-c", f"{name}={value}"]
        return argv

    def prepare(self) -> None:
        """Make the data directory, or check that an old one fits these programs."""
        marker = self.data / "PG_VERSION"
        if not self.data.exists():
            self._initialise()
        elif not marker.exists():
            raise StartError(f"{self.data} is no PostgreSQL data directory: move it away or run `make clean`.")
        ours = self._run("postgres", "--version").split()[-1].split(".")[0]
        theirs = marker.read_text(encoding="ascii").strip()
        if ours != theirs:
            raise StartError(f"{self.data} was made by PostgreSQL {theirs} and this is {ours}: dump it with that one.")

    def _initialise(self) -> None:
        # Only a complete directory gets the final name, so that a stopped first start leaves nothing broken behind.
        partial = self.place / "data.new"
        shutil.rmtree(partial, ignore_errors=True)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        access = ("-U", SUPERUSER, "--auth-local=trust", "--auth-host=reject")
        sync = ("--no-sync",) if self.extra else ()
        self._run("initdb", "-D", str(partial), *access, *locale, *sync)
        partial.rename(self.data)

    def create_database(self) -> None:
        """Create our database if it is not there; the server must be up."""
        import psycopg2
        from psycopg2 import errors

        connection = psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {DATABASE}")  # a constant
        except errors.DuplicateDatabase:
            return
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        import psycopg2

        try:
            psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs to its end and return what it printed."""
        argv = [str(self.programs / program), *arguments]
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, cwd="/", env=plain_environment(), **self.account.popen()
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
            raise StartError(f"PostgreSQL's {program} failed: {last[0]}")
        return done.stdout.strip()


def own_directory(path: Path, account: Account, mode: int) -> None:
    """Make a directory of sockets, or check an old one: in /tmp somebody else may have made it, or a link, before."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
        raise StartError(f"{path} belongs to somebody else: remove it, or set AWX_LITE_HOME to a shorter path.")
    account.own(path)


def plain_environment() -> dict[str, str]:
    """An environment without the caller's PG* variables and locale."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def socket_directory(place: Path) -> Path:
    """`<place>/socket`, or a short directory in /tmp where that path is too long for a unix socket."""
    wanted = place / "socket"
    if len(str(wanted / SOCKET_NAME).encode()) <= SOCKET_LIMIT:
        return wanted
    import hashlib

    name = f"awx-lite-{os.getuid()}-{hashlib.sha256(str(place).encode()).hexdigest()[:12]}"
    return Path(tempfile.gettempdir()) / name
