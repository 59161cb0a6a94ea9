"""`backup FILE` and `restore FILE`: the database, the key of its secrets and the files of projects in one archive."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

from .binaries import PACKAGE
from .errors import StartError
from .installation import Installation
from .place import write_private
from .postgres import plain_environment

FORMAT = 1
ABOUT, DATABASE, KEY, PASSWORD = "about.json", "database.dump", "secret_key", "admin_password"
FILES = ("projects", "checkouts")  # with the checkouts jobs run at once, even where a repository cannot be reached
KNOWN = frozenset({ABOUT, DATABASE, KEY, PASSWORD, *FILES})


def backup(target: str) -> None:
    """Write an archive that only its owner can read, whole or not at all; the server may run meanwhile."""
    path = Path(target).expanduser().resolve()
    if path.exists():
        raise StartError(f"{path} exists already: name another file.")
    installation = Installation()
    place = installation.place
    if not place.exists():
        raise StartError(f"{place.home} is no data directory of awx_lite: set AWX_LITE_HOME.")
    with database(installation) as url, tempfile.TemporaryDirectory(dir=path.parent, prefix=".awx_lite-") as directory:
        dump, partial = Path(directory, DATABASE), Path(directory, "archive")
        run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        about = {"format": FORMAT, "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        write_private(Path(directory, ABOUT), json.dumps(about))
        write_private(Path(directory, KEY), place.secret_key())
        write_private(Path(directory, PASSWORD), place.admin_password())
        with partial.open("xb") as stream, tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
            partial.chmod(0o600)
            for name in (ABOUT, KEY, PASSWORD, DATABASE):
                archive.add(Path(directory, name), name)
            for name in FILES:
                archive.add(place.home / name, name)
        partial.rename(path)
    print(f"Written: {path} ({path.stat().st_size:,} bytes). It holds the key of all secrets: keep it like a password.")


def restore(source: str) -> None:
    """Fill an empty installation from an archive; nothing that exists is overwritten."""
    path = Path(source).expanduser().resolve()
    if not path.is_file():
        raise StartError(f"{path} is not there.")
    installation = Installation()
    place = installation.place
    if (place.home / KEY).exists():
        raise StartError(f"{place.home} is in use: restore into a new AWX_LITE_HOME, or run `make clean` before.")
    with tempfile.TemporaryDirectory(prefix="awx_lite-") as directory:
        unpack(path, Path(directory))
        place.prepare()
        with database(installation) as url:
            refuse_used(url)
            dump = Path(directory, DATABASE)
            options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
            run("pg_restore", url, *options, str(dump))
        for name in FILES:
            shutil.copytree(Path(directory, name), place.home / name, symlinks=True, dirs_exist_ok=True)
        for name in (PASSWORD, KEY):  # the key last: with it the installation counts as used
            write_private(place.home / name, Path(directory, name).read_text(encoding="utf-8").strip())
    print(f"Restored into {place.home}: `make up` starts it.")


@contextmanager
def database(installation: Installation) -> Iterator[str]:
    """The URL of the database: that of the environment, of the running installation, or one started for the while."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
    elif installation.lock.holder() is not None:
        yield published(installation.place.environment)
    else:
        installation.place.prepare()
        installation.lock.take()
        try:
            yield installation.start_postgres()
        finally:
            installation.stop()


def published(path: Path) -> str:
    """DATABASE_URL as the running installation wrote it down."""
    lines = dict(line.partition("=")[::2] for line in path.read_text(encoding="utf-8").splitlines())
    return lines["DATABASE_URL"]


def unpack(path: Path, directory: Path) -> None:
    """Unpack an archive of ours: plain files and directories below its own names, nothing else."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.name.split("/", 1)[0] not in KNOWN:
                    raise StartError(f"{path} is no backup of awx_lite: it holds {member.name!r}.")
                try:
                    archive.extract(member, directory, filter="data")
                except (tarfile.AbsoluteLinkError, tarfile.LinkOutsideDestinationError, tarfile.SpecialFileError):
                    print(f"Left out: {member.name}, which leads out of its project.")
        about = json.loads(Path(directory, ABOUT).read_text(encoding="utf-8"))
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise StartError(f"{path} is no whole backup of awx_lite: {error}.") from None
    if about.get("format") != FORMAT:
        raise StartError(f"{path} was written by another version of awx_lite (format {about.get('format')}).")


def refuse_used(url: str) -> None:
    """Only an empty database is filled."""
    connection = psycopg2.connect(url, connect_timeout=10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            if cursor.fetchone()[0]:
                raise StartError("The database is not empty: create another one and name it in DATABASE_URL.")
    finally:
        connection.close()


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """The database for a command line, which everybody here can read, and its password for the environment."""
    parts = parse_dsn(url)
    password = parts.pop("password", None)
    return make_dsn(**parts), {"PGPASSWORD": password} if password else {}


def run(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's: that of the embedded server, which reads older servers too, or the system's."""
    spec = importlib.util.find_spec(PACKAGE)
    own = Path(spec.origin).parent / "pginstall" / "bin" / program if spec and spec.origin else None
    found = str(own) if own and own.exists() else shutil.which(program)
    if found is None:
        raise StartError(
            f"{program} is not installed: install PostgreSQL's client (apt-get install postgresql-client)."
        )
    database, secret = without_password(url)
    argv, env = [found, f"--dbname={database}", *arguments], plain_environment() | secret
    done = subprocess.run(argv, env=env, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise StartError(f"{program} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[0]}.")
