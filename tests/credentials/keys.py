"""Private keys made for the tests: one open, one with the passphrase `open sesame`."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

PASSPHRASE = "open sesame"
_key = ed25519.Ed25519PrivateKey.generate()


def _written(encryption: serialization.KeySerializationEncryption) -> str:
    form = serialization.PrivateFormat.OpenSSH
    return _key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


OPEN_KEY = _written(serialization.NoEncryption())
LOCKED_KEY = _written(serialization.BestAvailableEncryption(PASSPHRASE.encode()))
