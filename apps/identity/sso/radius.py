"""Passwords that a RADIUS server checks (RFC 2865), with the Message-Authenticator that CVE-2024-3596 asks for."""

from __future__ import annotations

import io
import logging

from django.conf import settings
from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary
from pyrad.packet import AccessAccept, PacketError

from apps.conf import live
from apps.core import outbound

from .profiles import Profile

log = logging.getLogger(__name__)
ATTRIBUTES = """
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 octets
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Message-Authenticator 80 octets
"""
LONGEST_NAME, LONGEST_PASSWORD = 253, 128  # bytes, as the protocol has it
TRIES, SECONDS = 3, 4


def enabled() -> bool:
    """Whether a server and its secret are set."""
    return bool(live.get("RADIUS_SERVER") and live.get("RADIUS_SECRET"))


def recognise(username: str, password: str, address: str) -> Profile | None:
    """Whom the server accepts."""
    if not username or not password:
        return None
    if len(username.encode()) > LONGEST_NAME or len(password.encode()) > LONGEST_PASSWORD:
        return None
    try:
        accepted = ask(username, password)
    except (Timeout, PacketError, OSError, outbound.Refused) as error:
        log.warning(
            "the RADIUS server %s cannot be used: %s %s", live.get("RADIUS_SERVER"), type(error).__name__, error
        )
        return None
    return Profile("radius", "enterprise", username, username) if accepted else None


def ask(username: str, password: str) -> bool:
    """One request; a challenge for something further is no acceptance."""
    server = outbound.address_of(str(live.get("RADIUS_SERVER")), int(live.get("RADIUS_PORT")))
    client = Client(
        server=server,
        authport=int(live.get("RADIUS_PORT")),
        secret=str(live.get("RADIUS_SECRET")).encode(),
        dict=Dictionary(io.StringIO(ATTRIBUTES)),
        retries=TRIES,
        timeout=SECONDS,
        enforce_ma=settings.RADIUS_REQUIRE_MESSAGE_AUTHENTICATOR,
    )
    request = client.CreateAuthPacket(User_Name=username, NAS_Identifier="awx_lite")
    request["User-Password"] = request.PwCrypt(password)
    try:
        return bool(client.SendPacket(request).code == AccessAccept)
    finally:
        client._CloseSocket()
