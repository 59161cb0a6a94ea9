"""TACACS+, against a small server that follows RFC 8907 by itself."""

from __future__ import annotations

import hashlib
import logging
import socketserver
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from apps.conf import services
from apps.identity.models import User
from tests.loopback import serving

from .conftest import me

SECRET = "Tacacs-secret-1"
PASS, FAIL, GET_PASSWORD = 1, 2, 5


def overlay(body: bytes, session: bytes, secret: bytes, version: int, sequence: int) -> bytes:
    """The body under the secret, as section 4.5 says."""
    out, pad = bytearray(), b""
    for start in range(0, len(body), 16):
        pad = hashlib.md5(session + secret + bytes([version, sequence]) + pad, usedforsecurity=False).digest()
        out += bytes(x ^ y for x, y in zip(body[start : start + 16], pad, strict=False))
    return bytes(out)


class Login(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self) -> None:
        """START, and CONTINUE where the password is asked for."""
        start = self.body()
        if start is None:
            return
        action, _, kind, service, user, port, address, data = start[:8]
        rest = start[8:]
        name = rest[:user].decode("utf-8", "replace")
        seen = {"kind": kind, "name": name, "address": rest[user + port : user + port + address].decode()}
        self.server.got.append(seen)
        if (action, service) != (1, 1):
            self.reply(FAIL)
            return
        password = rest[user + port + address :][:data]
        if kind == 1:
            self.reply(GET_PASSWORD, b"Password: ")
            more = self.body()
            if more is None:
                return
            length = struct.unpack("!H", more[:2])[0]
            password = more[5 : 5 + length]
        self.reply(PASS if password == f"Pw-{name}".encode() else FAIL)

    def body(self) -> bytes | None:
        """The next body in the clear."""
        header = self.rfile.read(12)
        if len(header) < 12:
            return None
        self.version, _, self.sequence, _, session, length = struct.unpack("!BBBB4sI", header)
        self.session = session
        return overlay(self.rfile.read(length), session, SECRET.encode(), self.version, self.sequence)

    def reply(self, status: int, message: bytes = b"") -> None:
        """Answer."""
        body = struct.pack("!BBHH", status, 0, len(message), 0) + message
        header = [self.version, 1, self.sequence + 1, 0, self.session, len(body)]
        hidden = overlay(body, self.session, SECRET.encode(), self.version, self.sequence + 1)
        if self.server.twist:
            header, hidden = self.server.twist(header, hidden, body)
        self.wfile.write(struct.pack("!BBBB4sI", *header) + hidden)


@pytest.fixture
def tacacs(db: None) -> Iterator[Any]:
    """A server, and settings that name it."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Login)
    server.daemon_threads, server.got, server.twist = True, [], None
    with serving(server):
        port = server.server_address[1]
        services.change({"TACACSPLUS_HOST": "127.0.0.1", "TACACSPLUS_PORT": port, "TACACSPLUS_SECRET": SECRET})
        yield server


@pytest.mark.parametrize(("protocol", "kind"), [("ascii", 1), ("pap", 2)])
def test_a_password_that_passes_makes_a_user_once(tacacs, protocol, kind):
    services.change({"TACACSPLUS_AUTH_PROTOCOL": protocol})
    first, second = me("ann").json()["results"][0], me("ann").json()["results"][0]
    assert first["id"] == second["id"]
    assert first["external_account"] == "enterprise"
    assert first["auth"] == [{"provider": "tacacs+", "uid": "ann"}]
    assert tacacs.got[0] == {"kind": kind, "name": "ann", "address": ""}


@pytest.mark.parametrize("protocol", ["ascii", "pap"])
def test_a_password_that_fails_is_refused(tacacs, protocol):
    services.change({"TACACSPLUS_AUTH_PROTOCOL": protocol})
    assert me("ann", "wrong").status_code == 401
    assert not User.objects.exists()


def test_the_clients_address_is_told_where_that_is_wanted(tacacs):
    services.change({"TACACSPLUS_REM_ADDR": True})
    assert me("ann").status_code == 200
    assert tacacs.got[0]["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    "twist",
    [
        lambda header, hidden, body: ([*header[:4], b"\0\0\0\0", header[5]], hidden),  # another session
        lambda header, hidden, body: ([*header[:2], 9, *header[3:]], hidden),  # another place in the order
        lambda header, hidden, body: ([*header[:3], 1, *header[4:]], body),  # not under the secret
        lambda header, hidden, body: ([*header[:5], 2**31], hidden),  # without end
        lambda header, hidden, body: (header, hidden[:-2]),  # cut off
        lambda header, hidden, body: ([*header[:5], 2], hidden[:2]),  # too short
    ],
)
def test_replies_that_do_not_fit_are_not_believed(tacacs, twist, caplog):
    services.change({"TACACSPLUS_AUTH_PROTOCOL": "pap"})
    tacacs.twist = twist
    assert me("ann").status_code == 401
    assert "the TACACS+ server 127.0.0.1 cannot be used: ProtocolError" in caplog.text


def test_a_server_with_another_secret_is_not_believed(tacacs):
    services.change({"TACACSPLUS_SECRET": "Another-secret-1"})
    assert me("ann").status_code == 401
    assert not User.objects.exists()


def test_a_local_user_is_never_taken_over(tacacs):
    User.objects.create_user("ann", password="local")
    assert me("ann").status_code == 401
    assert tacacs.got == []


def test_a_user_of_another_sign_on_is_never_taken_over(tacacs):
    User.objects.create_user("ann", external_source="enterprise")
    assert me("ann").status_code == 401


def test_a_silent_server_is_told_to_the_log_and_local_users_keep_working(tacacs, admin, caplog):
    caplog.set_level(logging.DEBUG)
    services.change({"TACACSPLUS_PORT": 1})
    assert me("ann").status_code == 401
    assert me("admin", "admin").status_code == 200
    assert "the TACACS+ server 127.0.0.1 cannot be used" in caplog.text
    assert SECRET not in caplog.text
    assert "Pw-ann" not in caplog.text


@pytest.mark.parametrize(("category", "key"), [("radius", "RADIUS_SERVER"), ("tacacsplus", "TACACSPLUS_HOST")])
def test_a_host_must_be_one(admin, api, category, key):
    answer = api(admin).patch(f"/api/v2/settings/{category}/", {key: "not a host/"}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [key])
