"""Host names with a port: `example:2222` is the host `example` with a variable."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError

from apps.core.fields import parse_variables

MAX_PORT = 65535


def split_port(name: str) -> tuple[str, int | None]:
    """The name and the port in it; several colons are an IPv6 address, which is taken as it is."""
    if name.count(":") != 1:
        return name, None
    host, _, text = name.partition(":")
    if not host:
        raise ValidationError("A host needs a name before the port.")
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MAX_PORT):
        raise ValidationError(f"The port {text!r} is no number from 1 to {MAX_PORT}.")
    return host, int(text)


def with_port(variables: Any, port: int) -> str:
    """The variables, as JSON, with the port among them."""
    return json.dumps(parse_variables(variables) | {"ansible_ssh_port": port})
