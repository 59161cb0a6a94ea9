"""Calls to addresses that users name: webhooks, mail servers, vaults. Every connection is checked after resolving.

A host name is resolved once, each address is checked, and the connection goes to the very address that was checked,
so that a name which answers differently the second time gains nothing. Link-local addresses (where clouds serve the
credentials of the machine), multicast and unspecified ones are always refused; private and loopback ones when
the setting OUTBOUND_BLOCK_PRIVATE says so.
"""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .addresses import refusal

CONNECT_SECONDS, READ_SECONDS = 5, 20
TOTAL_SECONDS = 60.0  # of a call with its redirects: a server that sends a byte now and then holds nobody for ever
MAX_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5


class Refused(Exception):  # noqa: N818  (a rule, not an accident)
    """The address, or the answer, is not one we deal with; the sentence says why."""


def check(address: str) -> None:
    """Raise Refused for an address that nobody may make us call."""
    sentence = refusal(address, block_private=settings.OUTBOUND_BLOCK_PRIVATE)
    if sentence:
        raise Refused(sentence)


def address_of(host: str, port: int) -> str:
    """The first address of a host, after the check of all of them; for protocols that open their own sockets."""
    found = [str(row[4][0]) for row in resolve(host, port)]
    for address in found:
        check(address)
    if not found:
        raise OSError(f"{host} has no address.")
    return found[0]


def resolve(host: str, port: int, **options: Any) -> list[Any]:
    """What a host's name stands for; Refused for what can be no name."""
    try:
        return socket.getaddrinfo(host.strip("[]"), port, **options)
    except UnicodeError as error:
        raise Refused("This is no name of a host.") from error


def connect(host: str, port: int, timeout: float = CONNECT_SECONDS) -> socket.socket:
    """A TCP connection to one of the host's addresses, after the check of all of them."""
    found = resolve(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        check(str(address[0]))
    error: OSError = OSError(f"{host} has no address.")
    for family, kind, protocol, _, address in found:
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(timeout)
            made.connect(address)
        except OSError as problem:
            made.close()
            error = problem
            continue
        watch = _deadline.get()
        if watch is not None:
            watch.sockets.append(made.dup())
        return made
    raise error


class Deadline:
    """Ends the connections of a block when its time is over, whatever the other side does."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self.sockets: list[socket.socket] = []
        self.timer = threading.Timer(seconds, self.end)
        self.timer.daemon = True

    def __enter__(self) -> Deadline:
        self.token = _deadline.set(self)
        self.timer.start()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.timer.cancel()
        _deadline.reset(self.token)
        for connection in self.sockets:
            connection.close()
        if self.over and (kind is None or issubclass(kind, OSError)):
            raise TimeoutError("The answer took too long.") from error

    def end(self) -> None:
        """The time is over."""
        self.over = True
        for connection in list(self.sockets):
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class CheckedHTTP(HTTPConnection):
    """A plain connection through `connect`."""

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port or 80)


class CheckedHTTPS(HTTPSConnection):
    """A TLS connection through `connect`; the name is still what the certificate must say."""

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port or 443)


class CheckedHTTPPool(HTTPConnectionPool):
    """Connections of http."""

    ConnectionCls = CheckedHTTP


class CheckedHTTPSPool(HTTPSConnectionPool):
    """Connections of https."""

    ConnectionCls = CheckedHTTPS


class CheckedAdapter(HTTPAdapter):
    """Sends requests over checked connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Only our pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": CheckedHTTPPool, "https": CheckedHTTPSPool}


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes
    headers: Any
    url: str

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300  # noqa: PLR2004  (HTTP)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; Refused where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(f"The answer of {urlsplit(self.url).hostname} is not JSON.") from error

    def required(self) -> Answer:
        """This answer; Refused where it is no success."""
        if not self.ok:
            raise Refused(f"{urlsplit(self.url).hostname} answered with the status {self.status}.")
        return self


def call(method: str, url: str, *, seconds: float | None = None, **options: Any) -> Answer:
    """One HTTP request with checked connections, limits of time and size, and redirects within the same origin only.

    Options are those of requests (headers, json, data, params, auth, verify, cert). Refused, or an OSError (which
    requests' own errors are), says what went wrong. All of it takes TOTAL_SECONDS, or `seconds`, at most.
    """
    with Deadline(seconds or TOTAL_SECONDS), requests.Session() as session:
        session.trust_env = False
        session.mount("http://", CheckedAdapter())
        session.mount("https://", CheckedAdapter())
        for _ in range(MAX_REDIRECTS):
            answer = send(session, method, url, options)
            target = answer.headers.get("Location") if answer.status in (301, 302, 303, 307, 308) else None
            if not target:
                return answer
            following = joined(url, target)
            if origin(following) != origin(url):
                raise Refused(f"{urlsplit(url).hostname} redirects to another host, which is not followed.")
            url, options = following, {k: v for k, v in options.items() if k != "params"}
    raise Refused(f"{urlsplit(url).hostname} redirects without end.")


def send(session: requests.Session, method: str, url: str, options: dict[str, Any]) -> Answer:
    """One round trip; the body is read up to a limit."""
    scheme, host, _ = origin(url)
    if scheme not in ("http", "https") or not host:
        raise Refused("Only http and https addresses can be called.")
    wait = (CONNECT_SECONDS, READ_SECONDS)
    with session.request(method, url, timeout=wait, allow_redirects=False, stream=True, **options) as response:
        body = b""
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > MAX_BYTES:
                raise Refused(f"The answer of {host} is too long.")
        return Answer(response.status_code, body, response.headers, url)


def origin(url: str) -> tuple[str, str | None, int]:
    """Scheme, host and port; Refused where the address cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused("This is no address that can be called.") from error
    return parts.scheme, parts.hostname, port


def joined(url: str, target: str) -> str:
    """Where a redirect leads; Refused where that cannot be read."""
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise Refused(f"{urlsplit(url).hostname} redirects to what is no address.") from error


@contextmanager
def files(**texts: str) -> Iterator[dict[str, str]]:
    """Texts (certificates, keys) as private files for the time of a block: {name: path}, without the empty ones."""
    with tempfile.TemporaryDirectory(prefix="awx-lite-") as place:
        paths = {}
        for name, text in texts.items():
            if text:
                path = Path(place, name)
                path.touch(mode=0o600)
                path.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
                paths[name] = str(path)
        yield paths
