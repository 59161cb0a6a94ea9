"""RADIUS, against a server of pyrad."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pyrad.client import Client as RadiusClient
from pyrad.dictionary import Dictionary
from pyrad.packet import AccessAccept, AccessChallenge, AccessReject, AuthPacket

from apps.conf import services
from apps.identity.models import User
from apps.identity.sso.radius import ATTRIBUTES

from .conftest import me

SECRET = "Radius-secret-1"


class Server:
    """Answers as a RADIUS server does; `code` is what it says to the right password, `signed` whether it proves it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.code, self.signed, self.secret = AccessAccept, True, SECRET.encode()
        self.got: list[dict[str, Any]] = []

    def run(self) -> None:
        """Until the socket is closed."""
        while True:
            try:
                data, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            if data == b"end":
                return
            self.socket.sendto(self.reply(data), sender)

    def reply(self, data: bytes) -> bytes:
        """The answer to one request."""
        request = AuthPacket(packet=data, secret=self.secret, dict=Dictionary(io.StringIO(ATTRIBUTES)))
        password = request.PwDecrypt(request["User-Password"][0])
        self.got.append({"name": request["User-Name"][0], "signed": request.verify_message_authenticator()})
        right = password == f"Pw-{request['User-Name'][0]}"
        answer = request.CreateReply(message_authenticator=self.signed)
        answer.code = self.code if right else AccessReject
        return bytes(answer.ReplyPacket())


@pytest.fixture
def radius(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server, and settings that name it."""
    monkeypatch.setattr("apps.identity.sso.radius.SECONDS", 1)
    monkeypatch.setattr("apps.identity.sso.radius.TRIES", 1)
    server = Server()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    port = server.socket.getsockname()[1]
    services.change({"RADIUS_SERVER": "127.0.0.1", "RADIUS_PORT": port, "RADIUS_SECRET": SECRET})
    yield server
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.sendto(b"end", ("127.0.0.1", port))
    thread.join()
    server.socket.close()


def test_an_accepted_password_makes_a_user_once(radius):
    first, second = me("ann").json()["results"][0], me("ann").json()["results"][0]
    assert first["id"] == second["id"]
    assert first["external_account"] == "enterprise"
    assert first["auth"] == [{"provider": "radius", "uid": "ann"}]
    assert radius.got[0] == {"name": "ann", "signed": True}


def test_a_rejected_password_is_refused(radius):
    assert me("ann", "wrong").status_code == 401
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["x" * 129, "é" * 100])
def test_passwords_that_the_protocol_cannot_carry_are_refused_unasked(radius, password):
    assert me("ann", password).status_code == 401
    assert radius.got == []


def test_a_challenge_is_no_acceptance(radius):
    radius.code = AccessChallenge
    assert me("ann").status_code == 401


def test_an_answer_without_proof_does_not_count_unless_the_installation_says_so(radius, settings):
    radius.signed = False
    assert me("ann").status_code == 401
    settings.RADIUS_REQUIRE_MESSAGE_AUTHENTICATOR = False
    assert me("ann").status_code == 200


def test_a_server_with_another_secret_is_not_believed(radius, caplog):
    services.change({"RADIUS_SECRET": "Another-secret-1"})
    assert me("ann").status_code == 401
    assert "cannot be used" in caplog.text


def test_a_local_user_is_never_taken_over(radius, admin):
    User.objects.create_user("ann", password="local")
    assert me("ann").status_code == 401
    assert radius.got == []


def test_a_silent_server_is_told_to_the_log_and_local_users_keep_working(radius, admin, caplog):
    caplog.set_level(logging.DEBUG)
    services.change({"RADIUS_PORT": 1})
    assert me("ann").status_code == 401
    assert me("admin", "admin").status_code == 200
    assert "the RADIUS server 127.0.0.1 cannot be used" in caplog.text
    assert SECRET not in caplog.text
    assert "Pw-ann" not in caplog.text


def test_the_clients_sockets_are_closed(radius, monkeypatch):
    closed = []
    original = RadiusClient._CloseSocket
    monkeypatch.setattr(RadiusClient, "_CloseSocket", lambda client: (closed.append(1), original(client)))
    assert me("ann", "wrong").status_code == 401
    assert closed
