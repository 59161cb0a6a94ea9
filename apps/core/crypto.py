"""Encryption of secrets at rest: Fernet with a key derived from SECRET_KEY, per model field and row.

Source of the format: https://github.com/fernet/spec. A stored value is `$encrypted$1$<fernet token>`; the version
digit lets a later release change the derivation. The derivation binds a value to its field, so that a
ciphertext copied into another column does not decrypt.
"""

from __future__ import annotations

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX = "$encrypted$1$"
MASK = "$encrypted$"
LABELS: set[str] = set()  # of secrets within JSON or YAML; rekey tries them


def label(name: str) -> str:
    """Name what secrets of an app are bound to, so that a change of key finds them."""
    LABELS.add(name)
    return name


class DecryptionError(Exception):
    """A stored secret does not decrypt: SECRET_KEY is not the one it was written with."""


@functools.lru_cache(maxsize=512)
def _fernet(secret: str, label: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"awx_lite:{label}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def encrypt(value: str, label: str, *, secret: str | None = None) -> str:
    """Encrypt text for the field `label` ("credentials.credential.inputs"); the empty text stays empty."""
    if not value:
        return value
    return PREFIX + _fernet(secret or settings.SECRET_KEY, label).encrypt(value.encode()).decode()


def decrypt(value: str, label: str, *, secret: str | None = None) -> str:
    """The plain text of an encrypted value; what is not encrypted is returned as it is."""
    if not is_encrypted(value):
        return value
    try:
        return _fernet(secret or settings.SECRET_KEY, label).decrypt(value[len(PREFIX) :].encode()).decode()
    except InvalidToken as error:
        raise DecryptionError(f"A secret of {label} cannot be decrypted: was SECRET_KEY changed?") from error


def is_encrypted(value: object) -> bool:
    """Whether this is a stored ciphertext."""
    return isinstance(value, str) and value.startswith(PREFIX)
