"""AWX's encryption of fields, read only.

A value is `$encrypted$UTF8$AESCBC$<base64 of a token>`. The token has Fernet's layout
(https://github.com/fernet/spec: version 0x80, 8 bytes of time, 16 of IV, ciphertext, 32 of HMAC-SHA256), with a key of
64 bytes: the first 32 sign, the last 32 encrypt with AES-256-CBC. The key is the SHA-512 of AWX's SECRET_KEY, the row's
primary key (where the value belongs to one) and the field's name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PREFIX = "$encrypted$"
UTF8 = "UTF8$"
ALGORITHM = "AESCBC$"
VERSION = 0x80
HEAD, TAIL = 25, 32  # bytes: version, time and IV; signature


class WrongKeyError(Exception):
    """The secret key is not the one that AWX encrypted with, or the value is damaged."""


def is_secret(value: object) -> bool:
    """Whether this is one of AWX's ciphertexts (the bare mask is not)."""
    return isinstance(value, str) and value.startswith(PREFIX) and len(value) > len(PREFIX)


def key_for(secret_key: str, field: str, pk: Any = None) -> bytes:
    """The 64 bytes for one field of one row; without `pk`, for values that belong to no row."""
    made = hashlib.sha512(secret_key.encode())
    if pk is not None:
        made.update(str(pk).encode())
    made.update(field.encode())
    return made.digest()


def decrypt(value: str, secret_key: str, field: str, pk: Any = None) -> str:
    """The clear text of a ciphertext; WrongKeyError where the key does not fit."""
    body = value.removeprefix(PREFIX).removeprefix(UTF8)
    if not body.startswith(ALGORITHM):
        raise WrongKeyError(f"An encrypted {field} has a form that AWX 24.6.1 does not write.")
    try:
        token = base64.urlsafe_b64decode(base64.b64decode(body.removeprefix(ALGORITHM)))
    except (binascii.Error, ValueError) as error:
        raise WrongKeyError(f"An encrypted {field} is damaged.") from error
    return opened(token, key_for(secret_key, field, pk), field)


def opened(token: bytes, key: bytes, field: str) -> str:
    """Check the signature first, then decrypt."""
    if len(token) < HEAD + TAIL or token[0] != VERSION:
        raise WrongKeyError(f"An encrypted {field} is damaged.")
    body, signature = token[:-TAIL], token[-TAIL:]
    if not hmac.compare_digest(hmac.digest(key[:32], body, "sha256"), signature):
        raise WrongKeyError("The secret key does not fit: it is not the SECRET_KEY of this AWX.")
    cipher = Cipher(algorithms.AES(key[32:]), modes.CBC(token[9:HEAD])).decryptor()
    padded = cipher.update(body[HEAD:]) + cipher.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()
