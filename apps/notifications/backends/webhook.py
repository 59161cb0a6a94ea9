"""A POST or PUT of the job's data to any address."""

from __future__ import annotations

from typing import Any

from .base import Backend, Failed, Message, Parameter, flag, post, secret, text

METHODS = ("POST", "PUT")


def headers_of(config: dict[str, Any]) -> dict[str, str]:
    """The headers as text; Failed where one would break out of its line."""
    out = {"Content-Type": "application/json", "User-Agent": "awx_lite"}
    for name, value in config["headers"].items():
        line = str(value)
        if any(c in f"{name}{line}" for c in "\r\n\0"):
            raise Failed(f"The header {name!r} has more than one line.")
        out[str(name)] = line
    return out


def send(config: dict[str, Any], message: Message) -> int:
    """One request."""
    login = (config.get("username") or "", config.get("password") or "")
    post(
        config["url"],
        method=config.get("http_method", "POST").upper(),
        json=message.body,
        headers=headers_of(config),
        verify=not config.get("disable_ssl_verification"),
        auth=login if any(login) else None,
    )
    return 1


BACKEND = Backend(
    parameters={
        "url": text(),
        "http_method": text("POST"),
        "disable_ssl_verification": flag(default=False),
        "username": text(""),
        "password": secret(""),
        "headers": Parameter("object"),
    },
    recipients="url",
    send=send,
    data=True,
)
