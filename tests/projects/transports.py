"""Real servers of repositories on the loopback interface: sshd, git's HTTP backend, svnserve."""

from __future__ import annotations

import base64
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.live import free_port
from tests.loopback import serving

SBIN = f"{os.environ['PATH']}:/usr/sbin:/usr/lib/git-core"
USER, PASSWORD, PHRASE = "reader", "p@ss/w0rd-7", "phrase of the key"


def program(name: str) -> str:
    """The path of a Debian program that may lie outside of PATH."""
    found = shutil.which(name, path=SBIN)
    assert found, f"{name} is not installed: see .ci/run"
    return found


def key(path: Path, phrase: str = "") -> str:
    """A new key pair; the private half."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-C", "test", "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path.read_text()


def wait_for_port(port: int, process: subprocess.Popen[Any]) -> None:
    """Until somebody listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.05)
        else:
            return


@contextmanager
def running(argv: list[str], port: int) -> Iterator[None]:
    """A server for the time of a block."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


@dataclass
class Ssh:
    """An sshd that lets the holder of one key in, as the account that runs the tests."""

    place: Path
    port: int
    private: str
    user: str

    def url(self, path: Path) -> str:
        """A repository on it."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}{path}"


@contextmanager
def sshd(place: Path, port: int = 0) -> Iterator[Ssh]:
    """The server; its host key and the list of keys lie in a directory of the test."""
    place.mkdir()
    port = port or free_port()
    key(place / "host")
    private = key(place / "user", PHRASE)
    shutil.copy(place / "user.pub", place / "authorized_keys")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    config = place / "config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {place}/host\nAuthorizedKeysFile {place}/authorized_keys\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin yes\nSubsystem sftp internal-sftp\n"
    )
    server = Ssh(place, port, private, getpass.getuser())
    with running([program("sshd"), "-D", "-f", str(config)], port):
        yield server


@contextmanager
def git_http(root: Path) -> Iterator[str]:
    """`git http-backend` behind a web server that asks for USER and PASSWORD; its URL."""
    account = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if self.headers.get("Authorization") != account:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            parts = urlsplit(self.path)
            given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            env = {
                "PATH": SBIN, "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query, "REQUEST_METHOD": self.command, "REMOTE_USER": USER,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(given)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            }  # fmt: skip
            done = subprocess.run([program("git-http-backend")], env=env, input=given, capture_output=True, check=True)
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815  (the names that the base class calls)

        def log_message(self, *args: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def svnserve(place: Path) -> Iterator[tuple[str, Any]]:
    """A Subversion repository that only USER reads: its URL, and `commit({name: text})`, which says the revision."""
    store, work, port = place / "svn", place / "svnwork", free_port()
    subprocess.run(["svnadmin", "create", str(store)], check=True)
    (store / "conf" / "svnserve.conf").write_text("[general]\nanon-access = none\npassword-db = passwd\nrealm = test\n")
    (store / "conf" / "passwd").write_text(f"[users]\n{USER} = {PASSWORD}\n")
    config = ["--config-dir", str(place / "svnconfig")]
    subprocess.run(["svn", "checkout", *config, "-q", f"file://{store}", str(work)], check=True)

    def commit(files: dict[str, str]) -> str:
        for name, text in files.items():
            (work / name).write_text(text)
        subprocess.run(["svn", "add", *config, "-q", "--force", "."], cwd=work, check=True)
        subprocess.run(["svn", "commit", *config, "-q", "-m", "change"], cwd=work, check=True)
        done = subprocess.run(["svnlook", "youngest", str(store)], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    argv = [
        "svnserve",
        "-d",
        "--foreground",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        str(port),
        "-r",
        str(store),
    ]
    with running(argv, port):
        yield f"svn://127.0.0.1:{port}", commit
