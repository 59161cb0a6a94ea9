"""What single settings ask of their values beyond the type: each returns the value, or raises ValidationError."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from pathlib import Path
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.core import registry
from apps.core.addresses import parts_of

LIFETIMES = ("ACCESS_TOKEN_EXPIRE_SECONDS", "AUTHORIZATION_CODE_EXPIRE_SECONDS", "REFRESH_TOKEN_EXPIRE_SECONDS")
LONGEST = 31536000000  # a thousand years; beyond it a date cannot be written
LOGO = re.compile(r"data:image/(?:gif|png|jpeg|jpg);base64,(?P<data>[A-Za-z0-9+/=]*)\Z")
MAGIC = (b"GIF8", b"\x89PNG", b"\xff\xd8\xff")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
MOUNT = re.compile(r"/[^:]*(?::/[^:]*(?::(?:z|O|ro|rw))?)?\Z")
HOST = re.compile(r"[A-Za-z0-9_.:-]+\Z")


def lifetimes(value: dict[str, Any]) -> dict[str, Any]:
    """Only known names, and seconds that make a date."""
    unknown = sorted(set(value) - set(LIFETIMES))
    if unknown:
        raise ValidationError([f"Unknown names: {', '.join(unknown)}."])
    wrong = {name: ["This must be from 1 to 31536000000 seconds."] for name, s in value.items() if not 0 < s <= LONGEST}
    if wrong:
        raise ValidationError(wrong)
    return value


def logo(value: str) -> str:
    """A data URL whose content is the image that it claims to be."""
    found = LOGO.match(value) if value else None
    if value and not found:
        raise ValidationError("The logo must be a data URL of a GIF, PNG or JPEG.")
    if found:
        try:
            image = base64.b64decode(found["data"], validate=True)
        except binascii.Error as error:
            raise ValidationError("The logo's data are not valid base64.") from error
        if not image.startswith(MAGIC):
            raise ValidationError("The logo's data are no GIF, PNG or JPEG.")
    return value


def origins(value: list[str]) -> list[str]:
    """scheme://host, as Django compares them."""
    for origin in value:
        parts = parts_of(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise ValidationError([f"{origin!r} is no origin such as https://host:port."])
    return value


def addresses(value: list[str]) -> list[str]:
    """IP addresses or host names."""
    for address in value:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            if not HOST.match(address):
                raise ValidationError([f"{address!r} is neither an address nor a host name."]) from None
    return value


def directories(value: list[str]) -> list[str]:
    """Paths that exist here, each once, in order."""
    missing = [path for path in value if not path.startswith("/") or not Path(path).exists()]
    if missing:
        raise ValidationError([f"{missing[0]!r} is not there."])
    return sorted({str(Path(path)) for path in value})


def mounts(value: list[str]) -> list[str]:
    """`/here`, `/here:/there` or `/here:/there:option`, in order."""
    wrong = [text for text in value if not MOUNT.match(text)]
    if wrong:
        raise ValidationError([f"{wrong[0]!r} is no mount such as /here:/there:ro."])
    return sorted(value)


def ascii_only(value: str) -> str:
    """Text that a protocol without encodings can carry."""
    if not value.isascii():
        raise ValidationError(["Only ASCII characters are allowed."])
    return value


def web_address(value: str) -> str:
    """An http(s) URL, or nothing."""
    if value and (parts_of(value).scheme not in ("http", "https") or not parts_of(value).netloc):
        raise ValidationError("This must be a URL that begins with http:// or https://.")
    return value


def environment(value: dict[str, str]) -> dict[str, str]:
    """Names that an environment can hold, and values without null characters."""
    for name, text in value.items():
        if not NAME.match(name) or "\0" in text:
            raise ValidationError([f"{name!r} cannot be set in an environment."])
    return value


def execution_environment(value: Any) -> int | None:
    """The id of an execution environment, given as such or as its URL."""
    if value in (None, ""):
        return None
    text = str(value).rstrip("/").rpartition("/")[2]
    rows = registry.by_slug("execution_environments").model._default_manager
    if isinstance(value, bool) or not text.isdecimal() or not rows.filter(pk=int(text[:18])).exists():
        raise ValidationError(["There is no such execution environment."])
    return int(text)
