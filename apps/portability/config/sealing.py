"""Secrets in a file: left out, or encrypted under a passphrase from which scrypt makes the key."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MARK = "$sealed"
WORK = 2**15  # about 32 MB and a tenth of a second: guessing passphrases stays expensive
PROOF = "awx_lite"


class WrongPassphraseError(Exception):
    """The passphrase is not the one that the file was written with."""


class Seal:
    """Seals and opens values; without a passphrase it leaves secrets out."""

    def __init__(self, passphrase: str = "", salt: str = "") -> None:
        self.salt = salt or base64.b64encode(os.urandom(16)).decode()
        self.fernet: Fernet | None = None
        if passphrase:
            made = Scrypt(salt=base64.b64decode(self.salt), length=32, n=WORK, r=8, p=1).derive(passphrase.encode())
            self.fernet = Fernet(base64.urlsafe_b64encode(made))

    def header(self) -> dict[str, Any]:
        """What the first line says of secrets."""
        return {"salt": self.salt, "proof": self.close(PROOF)} if self.fernet else {}

    @classmethod
    def of(cls, header: dict[str, Any], passphrase: str) -> Seal:
        """The seal of a file; WrongPassphraseError where the passphrase does not fit."""
        if not header or not passphrase:
            return cls()
        seal = cls(passphrase, header["salt"])
        seal.open(header["proof"])
        return seal

    def close(self, value: Any) -> Any:
        """A value as it stands in the file."""
        return {MARK: self.fernet.encrypt(json.dumps(value).encode()).decode()}

    @property
    def keeps(self) -> bool:
        """Whether secrets go into the file at all."""
        return self.fernet is not None

    @staticmethod
    def is_sealed(value: Any) -> bool:
        """Whether a value of a file is a sealed one."""
        return isinstance(value, dict) and set(value) == {MARK}

    def open(self, value: Any) -> Any:
        """The value behind a sealed one."""
        try:
            return json.loads(self.fernet.decrypt(value[MARK].encode()))
        except InvalidToken as error:
            raise WrongPassphraseError("The passphrase does not open this file.") from error
