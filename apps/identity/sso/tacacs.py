"""Passwords that a TACACS+ server checks (RFC 8907, logins of type ASCII and PAP)."""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
import struct
from dataclasses import dataclass

from apps.conf import live
from apps.core import outbound

from .profiles import Profile

log = logging.getLogger(__name__)
AUTHENTICATION = 1
LOGIN = 1  # the action, and the service
ASCII, PAP = 1, 2
PASS, GET_PASSWORD = 1, 5
UNENCRYPTED = 1
HEADER = struct.Struct("!BBBBII")
VERSIONS = {ASCII: 0xC0, PAP: 0xC1}
LONGEST = 255  # bytes of a name or a password
LONGEST_REPLY = 70_000
PORT = b"awx_lite"


class ProtocolError(Exception):
    """The other side does not speak TACACS+, or has another secret."""


@dataclass
class Conversation:
    """One login over one connection."""

    connection: socket.socket
    secret: bytes
    version: int
    session: int
    sequence: int = 0

    def say(self, body: bytes) -> tuple[int, bytes]:
        """Send a body; (status, data) of the reply."""
        self.sequence += 1
        header = HEADER.pack(self.version, AUTHENTICATION, self.sequence, 0, self.session, len(body))
        self.connection.sendall(header + self.hidden(body, self.version))
        return self.hear()

    def hear(self) -> tuple[int, bytes]:
        """The next reply, which must fit what was said."""
        version, kind, sequence, flags, session, length = HEADER.unpack(self.read(HEADER.size))
        self.sequence += 1
        fits = kind == AUTHENTICATION and session == self.session and sequence == self.sequence
        if not fits or version >> 4 != self.version >> 4 or flags & UNENCRYPTED or length > LONGEST_REPLY:
            raise ProtocolError("the reply does not belong to the login")
        body = self.hidden(self.read(length), version)
        if length < 6:  # noqa: PLR2004  (the fixed part of a reply)
            raise ProtocolError("the reply is too short")
        status, _flags, message, data = struct.unpack("!BBHH", body[:6])
        if length != 6 + message + data:
            raise ProtocolError("the reply cannot be read; is it the right secret?")
        return status, body[6 + message :]

    def read(self, size: int) -> bytes:
        """So many bytes."""
        out = b""
        while len(out) < size:
            piece = self.connection.recv(size - len(out))
            if not piece:
                raise ProtocolError("the server ended the connection")
            out += piece
        return out

    def hidden(self, body: bytes, version: int) -> bytes:
        """The body with the secret laid over it; twice is once."""
        start = struct.pack("!I", self.session) + self.secret + bytes((version, self.sequence))
        pad, last = b"", b""
        while len(pad) < len(body):
            last = hashlib.md5(start + last, usedforsecurity=False).digest()
            pad += last
        return bytes(a ^ b for a, b in zip(body, pad, strict=False))


def enabled() -> bool:
    """Whether a server and its secret are set."""
    return bool(live.get("TACACSPLUS_HOST") and live.get("TACACSPLUS_SECRET"))


def recognise(username: str, password: str, address: str) -> Profile | None:
    """Whom the server passes."""
    name, word = username.encode(), password.encode()
    if not name or not word or len(name) > LONGEST or len(word) > LONGEST:
        return None
    try:
        passed = ask(name, word, address.encode()[:LONGEST] if live.get("TACACSPLUS_REM_ADDR") else b"")
    except (ProtocolError, OSError, outbound.Refused) as error:
        host = live.get("TACACSPLUS_HOST")
        log.warning("the TACACS+ server %s cannot be used: %s %s", host, type(error).__name__, error)
        return None
    return Profile("tacacs+", "enterprise", username, username) if passed else None


def ask(name: bytes, password: bytes, address: bytes) -> bool:
    """One login: PAP sends the password at once, ASCII when it is asked for."""
    kind = PAP if live.get("TACACSPLUS_AUTH_PROTOCOL") == "pap" else ASCII
    seconds = min(int(live.get("TACACSPLUS_SESSION_TIMEOUT")) or 60, 60)
    data = password if kind == PAP else b""
    lengths = (len(name), len(PORT), len(address), len(data))
    with outbound.connect(str(live.get("TACACSPLUS_HOST")), int(live.get("TACACSPLUS_PORT")), seconds) as connection:
        secret = str(live.get("TACACSPLUS_SECRET")).encode()
        login = Conversation(connection, secret, VERSIONS[kind], secrets.randbits(32))
        status, _ = login.say(bytes((LOGIN, 0, kind, LOGIN, *lengths)) + name + PORT + address + data)
        if status == GET_PASSWORD and kind == ASCII:
            status, _ = login.say(struct.pack("!HHB", len(password), 0, 0) + password)
        return status == PASS
