"""The external collector of log lines: whether it can be reached."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from apps.core import addresses, outbound

from . import live

LINE = json.dumps({"message": "awx_lite: a test of the connection", "level": "INFO"}).encode() + b"\n"
DEFAULT_PORTS = {"https": 443, "tcp": 514, "udp": 514}


class UnreachableError(Exception):
    """The collector cannot be used; the message says why."""


def send_test() -> None:
    """Send one line as the settings say; UnreachableError where that fails."""
    protocol, timeout = live.get("LOG_AGGREGATOR_PROTOCOL"), float(live.get("LOG_AGGREGATOR_TCP_TIMEOUT") or 5)
    if not live.get("LOG_AGGREGATOR_HOST") or not live.get("LOG_AGGREGATOR_TYPE"):
        raise UnreachableError("LOG_AGGREGATOR_HOST and LOG_AGGREGATOR_TYPE must be set.")
    host, port = target(str(live.get("LOG_AGGREGATOR_HOST")), live.get("LOG_AGGREGATOR_PORT"), protocol)
    try:
        family, kind, proto, _, address = resolve(host, port, protocol)
        with socket.socket(family, kind, proto) as connection:
            connection.settimeout(timeout)
            connection.connect(address)
            if protocol == "https":
                with tls().wrap_socket(connection, server_hostname=host):
                    return
            connection.sendall(LINE)
    except OSError as error:
        raise UnreachableError(f"The collector cannot be reached: {error.strerror or error}.") from error


def target(host: str, port: Any, protocol: str) -> tuple[str, int]:
    """Host and port; the host may be given as a URL."""
    try:
        parts = urlsplit(host if "//" in host else f"//{host}")
        return parts.hostname or "", int(port or parts.port or DEFAULT_PORTS[protocol])
    except ValueError as error:
        raise UnreachableError("The collector's host or port cannot be read.") from error


def resolve(host: str, port: int, protocol: str) -> Any:
    """The address to connect to: never one where clouds keep their metadata."""
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    try:
        found = outbound.resolve(host, port, type=kind)[0]
    except outbound.Refused as error:
        raise UnreachableError(str(error)) from error
    refusal = addresses.refusal(str(found[4][0]), block_private=False)
    if refusal:
        raise UnreachableError(f"Link-local addresses and the like are not allowed. {refusal}")
    return found


def tls() -> ssl.SSLContext:
    """The TLS context, with or without a check of the certificate."""
    context = ssl.create_default_context()
    if not live.get("LOG_AGGREGATOR_VERIFY_CERT"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
