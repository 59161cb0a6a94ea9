"""Messages to IRC channels and people.

Source: https://www.rfc-editor.org/rfc/rfc2812
"""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from typing import Any

from apps.core import outbound

from .base import Backend, Failed, Message, flag, many, number, secret, text

SECONDS = 20  # for the whole conversation
MAX_LINE = 400
MAX_BUFFER = 64 * 1024
REFUSALS = {"431", "432", "433", "436", "437", "461", "462", "464", "465"}


def word(value: Any) -> str:
    """One word of a command; Failed where it is more."""
    found = str(value)
    if not found or any(c.isspace() or c == "\0" for c in found) or found.startswith(":"):
        raise Failed("A name for IRC is one word.")
    return found


class Conversation:
    """One connection."""

    def __init__(self, config: dict[str, Any]) -> None:
        plain = outbound.connect(config["server"], config["port"])
        self.socket = plain
        if config.get("use_ssl"):
            self.socket = ssl.create_default_context().wrap_socket(plain, server_hostname=config["server"])
        self.buffer, self.until = b"", time.monotonic() + SECONDS

    def say(self, line: str) -> None:
        """Send one line."""
        self.socket.sendall("".join(c for c in line if c not in "\r\n\0").encode()[:MAX_LINE] + b"\r\n")

    def hear(self) -> list[str]:
        """The words of the next line; pings are answered."""
        while b"\n" not in self.buffer:
            left = self.until - time.monotonic()
            if left <= 0 or len(self.buffer) > MAX_BUFFER:
                raise Failed("The IRC server does not answer as it should.", again=True)
            self.socket.settimeout(left)
            received = self.socket.recv(4096)
            if not received:
                raise Failed("The IRC server closed the connection.", again=True)
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        words = line.decode("utf-8", "replace").split()
        if words[:1] == ["PING"]:
            self.say(f"PONG {' '.join(words[1:])}")
        return words[1:] if words and words[0].startswith(":") else words

    def leave(self) -> None:
        """Say goodbye and read what is left: a connection closed with unread data may lose what was said."""
        self.say("QUIT :")
        self.socket.settimeout(2)
        with suppress(TimeoutError):
            while self.socket.recv(4096) and time.monotonic() < self.until:
                pass

    def wait_for_welcome(self) -> None:
        """Until the server has let us in."""
        while True:
            code = (self.hear() or [""])[0]
            if code == "001":
                return
            if code in REFUSALS or code == "ERROR":
                raise Failed(f"The IRC server refused the login ({code}).")


def send(config: dict[str, Any], message: Message) -> int:
    """One message to each target."""
    nickname, targets = word(config["nickname"]), [word(target) for target in config["targets"]]
    try:
        talk = Conversation(config)
        with talk.socket:
            if config.get("password"):
                talk.say(f"PASS {config['password']}")
            talk.say(f"NICK {nickname}")
            talk.say(f"USER {nickname} 0 * :{nickname}")
            talk.wait_for_welcome()
            for target in targets:
                if target[0] in "#&+!":
                    talk.say(f"JOIN {target}")
                talk.say(f"PRIVMSG {target} :{message.line}")
            talk.leave()
    except outbound.Refused as error:
        raise Failed(str(error)) from error
    except (OSError, OverflowError) as error:
        raise Failed(f"The IRC server cannot be reached ({type(error).__name__}).", again=True) from error
    return len(targets)


BACKEND = Backend(
    parameters={
        "server": text(),
        "port": number(),
        "nickname": text(),
        "password": secret(),
        "use_ssl": flag(),
        "targets": many(),
    },
    recipients="targets",
    send=send,
)
