"""Archives: zip and tar files, downloaded and unpacked with every member checked."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .source import Failed, Source, check_host, say

MOST_BYTES = 2 * 1024**3  # of a download, and unpacked
CHUNK = 1 << 20
TIMEOUT = 60.0  # seconds without a byte


class Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects of the web only, to hosts that may be called."""

    def __init__(self, *, block_private: bool) -> None:
        self.block_private = block_private

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Check where it leads."""
        parts = urlsplit(newurl)
        if parts.scheme not in ("http", "https"):
            raise Failed(f"The archive cannot be downloaded: a redirect to {parts.scheme} is refused.")
        check_host(parts.hostname or "", block_private=self.block_private)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Archive(Source):
    """A zip or tar file on a web server."""

    def fetch(self) -> str:
        """Download and unpack; the revision is the digest of the bytes."""
        say(f"Downloading {self.masked(self.spec['url'])}")
        fresh = self.copy.with_name(f"{self.copy.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            with tempfile.NamedTemporaryFile(dir=self.workspace) as file:
                digest = self.download(file)
                top = unpack(Path(file.name), fresh)
            shutil.rmtree(self.copy, ignore_errors=True)
            top.rename(self.copy)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return digest

    def download(self, file: Any) -> str:
        """Write the body to a file; its SHA-1, as AWX names archives' revisions."""
        digest, size = hashlib.sha1(usedforsecurity=False), 0
        try:
            with self.opener().open(self.url(), timeout=TIMEOUT) as answer:
                while chunk := answer.read(CHUNK):
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise Failed("The archive is too large.")
                    digest.update(chunk)
                    file.write(chunk)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise Failed(f"The archive cannot be downloaded: {self.masked(str(error))}") from error
        file.flush()
        return digest.hexdigest()

    def url(self) -> str:
        """The address without the login in it."""
        parts = urlsplit(self.spec["url"])
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    def opener(self) -> Any:
        """What opens the address: with the login, without other schemes than the web's."""
        handlers: list[Any] = [Redirects(block_private=self.spec["block_private"])]
        login = self.login
        if login:
            manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
            name, password = login.get("username", ""), login.get("password", "")
            manager.add_password(None, self.url(), name, password, is_authenticated=True)
            handlers.append(urllib.request.HTTPBasicAuthHandler(manager))
        return urllib.request.build_opener(*handlers)


def unpack(archive: Path, target: Path) -> Path:
    """Unpack below a directory; the directory that is the project: archives of forges hold a single one."""
    try:
        if zipfile.is_zipfile(archive):
            unzip(archive, target)
        else:
            with tarfile.open(archive) as tar:
                members = tar.getmembers()
                check_size(member.size for member in members)
                tar.extractall(target, members=members, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise Failed(f"The archive is refused: {error}") from error
    entries = list(target.iterdir())
    single = len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink()
    return entries[0] if single else target


def check_size(sizes: Any) -> None:
    """Refuse what would fill the disk."""
    if sum(sizes) > MOST_BYTES:
        raise Failed("The archive is too large.")


def unzip(archive: Path, target: Path) -> None:
    """A zip file without links."""
    root = target.resolve()
    with zipfile.ZipFile(archive) as file:
        check_size(info.file_size for info in file.infolist())
        for info in file.infolist():
            if not (target / info.filename).resolve().is_relative_to(root):
                raise Failed(f"The archive is refused: {info.filename} leads outside.")
            made = Path(file.extract(info, target))
            mode = (info.external_attr >> 16) & 0o777
            if mode and not info.is_dir():
                made.chmod(0o644 | (0o111 if mode & 0o100 else 0))
