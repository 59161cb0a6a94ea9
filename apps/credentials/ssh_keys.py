"""Private SSH keys: what looks like one, which are locked, and how to unlock one."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----[ \t]*\r?\n(?P<body>.*?)-----END (?P=label)-----", re.DOTALL)
HEADER = re.compile(r"^[A-Za-z0-9-]+:.*(?:\r?\n[ \t].*)*\r?\n", re.MULTILINE)
OPENSSH = b"openssh-key-v1\0"


class BadKey(Exception):  # noqa: N818
    """This is no private key, or it cannot be unlocked; the sentence says which."""


def private_blocks(text: str) -> list[tuple[str, str, bytes]]:
    """(label, headers, data) of each private key in a text; BadKey where there is none or one is broken."""
    out = []
    for found in BLOCK.finditer(text):
        headers = "".join(HEADER.findall(found["body"]))
        body = re.sub(r"\s", "", HEADER.sub("", found["body"]))
        try:
            data = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadKey("The key is not written in Base64 between its first and last line.") from error
        if not data:
            raise BadKey("The key is empty.")
        if "PRIVATE KEY" in found["label"]:
            out.append((found["label"], headers, data))
    if not out:
        raise BadKey("This is not a private key.")
    return out


def is_locked(text: str) -> bool:
    """Whether a passphrase is needed; what is no key needs none."""
    try:
        blocks = private_blocks(text)
    except BadKey:
        return False
    return any(block_is_locked(*block) for block in blocks)


def block_is_locked(label: str, headers: str, data: bytes) -> bool:
    """Whether one key is encrypted."""
    if label == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in headers:
        return True
    if not data.startswith(OPENSSH):
        return False
    length = int.from_bytes(data[len(OPENSSH) : len(OPENSSH) + 4], "big")
    return data[len(OPENSSH) + 4 : len(OPENSSH) + 4 + length] != b"none"


def unlocked(text: str, passphrase: str) -> str:
    """The key without its passphrase, ending with a line break; one that needs none stays as it is."""
    text = text if text.endswith("\n") else f"{text}\n"
    if not is_locked(text):
        return text
    if not passphrase:
        raise BadKey("The private key is locked and no passphrase is given.")
    secret, data = passphrase.encode(), text.encode()
    read: Any = serialization.load_pem_private_key
    if "BEGIN OPENSSH" in text:
        read = serialization.load_ssh_private_key
    try:
        key = read(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("The private key cannot be unlocked with this passphrase.") from error
    form = serialization.PrivateFormat.OpenSSH
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
