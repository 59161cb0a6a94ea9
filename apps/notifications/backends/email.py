"""E-mail by SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from apps.core import outbound

from .base import Backend, Message, flag, mail_failure, many, number, secret, text


class CheckedSMTP(smtplib.SMTP):
    """SMTP over connections that are checked."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outbound.connect(host, port, timeout)


class CheckedSSL(smtplib.SMTP_SSL, CheckedSMTP):
    """The same within TLS."""


def letter(config: dict[str, Any], message: Message) -> EmailMessage:
    """The message as an e-mail."""
    out = EmailMessage()
    out["Subject"], out["From"] = message.line, " ".join(config["sender"].split())
    out["To"] = ", ".join(" ".join(str(one).split()) for one in config["recipients"])
    out["Date"], out["Message-ID"] = formatdate(), make_msgid(domain="awx-lite.invalid")
    out.set_content(message.text)
    return out


def connected(config: dict[str, Any], trust: ssl.SSLContext) -> smtplib.SMTP:
    """A connection to the mail server, encrypted as configured."""
    wait = max(1, min(int(config.get("timeout") or 30), 120))
    if config.get("use_ssl"):
        return CheckedSSL(config["host"], config["port"], timeout=wait, context=trust)
    server = CheckedSMTP(config["host"], config["port"], timeout=wait)
    try:
        if config.get("use_tls"):
            server.starttls(context=trust)
    except BaseException:
        server.close()
        raise
    return server


def send(config: dict[str, Any], message: Message) -> int:
    """One e-mail to all recipients."""
    try:
        with closing(connected(config, ssl.create_default_context())) as server:
            if config.get("username"):
                server.login(config["username"], config.get("password", ""))
            server.send_message(letter(config, message))
            # it is sent: a rude goodbye changes nothing
            with suppress(OSError):
                server.quit()
    except (OSError, ValueError, OverflowError, outbound.Refused) as error:
        raise mail_failure(error) from error
    return 1


BACKEND = Backend(
    parameters={
        "host": text(),
        "port": number(),
        "username": text(),
        "password": secret(),
        "use_tls": flag(),
        "use_ssl": flag(),
        "sender": text(),
        "recipients": many(),
        "timeout": number(30),
    },
    recipients="recipients",
    send=send,
)
