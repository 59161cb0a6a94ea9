"""Connections to a directory: checked addresses, TLS that verifies, limits of time."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException

from apps.core import outbound

from .directory import Directory, Search

log = logging.getLogger(__name__)
PORTS = {"ldap": 389, "ldaps": 636}
CONNECT_SECONDS, ANSWER_SECONDS = 10, 20
UNVERIFIED = (0, "0", "never", "allow", "OPT_X_TLS_NEVER", "OPT_X_TLS_ALLOW", 3)
MOST = 1000  # groups of one person, and rows of any other search


# servers that did not answer: passed over for a moment, so that a silent one does not hold every worker that asks
SILENT_SECONDS, SLOW_SECONDS = 15.0, 2.0
_silent: dict[str, float] = {}


class UnavailableError(Exception):
    """No server of the directory can be used; the sentence says why and holds no secret."""


@dataclass(frozen=True)
class Entry:
    """A row of the directory; attribute names are in small letters."""

    dn: str
    attributes: dict[str, list[str]]

    def first(self, name: str) -> str:
        """The first value of an attribute, or ""."""
        return next(iter(self.attributes.get(name.lower(), ())), "")


class Session:
    """One open connection."""

    def __init__(self, directory: Directory, connection: Any) -> None:
        self.directory, self.connection = directory, connection

    def bind(self, dn: str, password: str) -> bool:
        """Whether the directory takes the password for the name. Without a password it would not be asked for one."""
        if not dn or not password:
            return False
        return bool(self.connection.rebind(dn, password, ldap3.SIMPLE))

    def bind_service(self) -> None:
        """Become the account that searches: BIND_DN, or nobody."""
        if not self.directory.bind_dn:
            good = self.connection.rebind(authentication=ldap3.ANONYMOUS)
        else:
            good = self.bind(self.directory.bind_dn, self.directory.bind_password)
        if not good:
            raise UnavailableError("it refuses the bind DN or its password")

    def find(self, search: Search, *, most: int = MOST) -> list[Entry]:
        """The rows of a search; none where its base does not exist."""
        self.connection.search(
            search.base, search.filter, search_scope=search.scope, attributes=["*"], size_limit=most,
        )  # fmt: skip
        return [entry(row) for row in self.connection.response or () if row.get("type") == "searchResEntry"]


def entry(row: Any) -> Entry:
    """A row as text."""
    attributes = {
        str(name).lower(): [value.decode("utf-8", "replace") for value in values]
        for name, values in row["raw_attributes"].items()
    }
    return Entry(row["dn"], attributes)


@contextmanager
def opened(directory: Directory) -> Iterator[Session]:
    """A connection to the first server that answers, bound as the searching account."""
    problems = []
    for uri in directory.servers:
        if _silent.get(uri, 0.0) > time.monotonic():
            problems.append(f"{uri}: it was silent a moment ago")
            continue
        begun = time.monotonic()
        try:
            session = bound(directory, uri)
        except (LDAPException, OSError, outbound.Refused, ValueError, UnavailableError) as error:
            note_silence(uri, time.monotonic() - begun)
            problems.append(f"{uri}: {reason(error)}")
            continue
        try:
            yield session
        except (LDAPException, OSError) as error:
            raise UnavailableError(f"{uri}: {reason(error)}") from error
        finally:
            close(session)
        return
    raise UnavailableError("; ".join(problems))


def bound(directory: Directory, uri: str) -> Session:
    """A connection to one server that the searching account may use."""
    session = connect(directory, uri)
    try:
        session.bind_service()
    except (LDAPException, OSError, UnavailableError):
        close(session)
        raise
    return session


def note_silence(uri: str, seconds: float) -> None:
    """Remember a server that kept us waiting; one that refuses at once may be asked again at once."""
    if seconds >= SLOW_SECONDS:
        _silent[uri] = time.monotonic() + SILENT_SECONDS


def close(session: Session) -> None:
    """End the connection; the other side may have done so already."""
    try:
        session.connection.unbind()
    except (LDAPException, OSError) as error:
        log.debug("%s ended the connection by itself: %s", session.directory.name, reason(error))


def reason(error: Exception) -> str:
    """An error for the log: its kind and text, on one line."""
    return f"{type(error).__name__} {error}".replace("\n", " ")[:300]


def connect(directory: Directory, uri: str) -> Session:
    """An open connection, with TLS where it is asked for, that nobody is bound to yet."""
    parts = urlsplit(uri)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("a server is named as ldap://host or ldaps://host")
    port = parts.port or PORTS[parts.scheme]
    rows = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
    for address in addresses:
        outbound.check(address)
    error: Exception = OSError("the host has no address")
    for address in addresses:
        server = ldap3.Server(
            address, port=port, use_ssl=parts.scheme == "ldaps", tls=tls(directory, parts.hostname),
            get_info=ldap3.NONE, connect_timeout=seconds(directory, "OPT_NETWORK_TIMEOUT", CONNECT_SECONDS),
            allowed_referral_hosts=[],
        )  # fmt: skip
        connection = ldap3.Connection(
            server, auto_referrals=False, check_names=False, read_only=True, raise_exceptions=False,
            receive_timeout=seconds(directory, "OPT_TIMEOUT", ANSWER_SECONDS),
        )  # fmt: skip
        try:
            begin(connection, start_tls=directory.start_tls and parts.scheme == "ldap")
        except (LDAPException, OSError) as problem:
            error = problem
            continue
        return Session(directory, connection)
    raise error


def begin(connection: Any, *, start_tls: bool) -> None:
    """Connect; a server that does not begin TLS where it must is none to talk to."""
    connection.open(read_server_info=False)
    if start_tls and not connection.start_tls(read_server_info=False):
        raise OSError("the server does not begin TLS")


def tls(directory: Directory, host: str) -> ldap3.Tls:
    """TLS that verifies the certificate against the host's name, unless the options say never."""
    options = directory.options
    verify = options.get("OPT_X_TLS_REQUIRE_CERT") not in UNVERIFIED or "OPT_X_TLS_REQUIRE_CERT" not in options
    return ldap3.Tls(
        validate=ssl.CERT_REQUIRED if verify else ssl.CERT_NONE,
        valid_names=[host],
        sni=host,
        ca_certs_file=options.get("OPT_X_TLS_CACERTFILE"),
        ca_certs_path=options.get("OPT_X_TLS_CACERTDIR"),
        local_certificate_file=options.get("OPT_X_TLS_CERTFILE"),
        local_private_key_file=options.get("OPT_X_TLS_KEYFILE"),
    )


def seconds(directory: Directory, option: str, default: int) -> int:
    """A limit of time; one without end would let a silent directory hold a worker for ever."""
    value = directory.options.get(option)
    return min(int(value), 60) if isinstance(value, int | float) and value > 0 else default
