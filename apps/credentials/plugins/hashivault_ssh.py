"""HashiCorp Vault, SSH certificates signed on demand.

Source: https://developer.hashicorp.com/vault/api-docs/secret/ssh
"""

from __future__ import annotations

from typing import Any

from apps.credentials.managed.base import ManagedType, text

from .base import pick
from .vault_login import FIELDS, PATH_TO_AUTH, PATH_TO_SECRET, Session, files


def fetch(**values: Any) -> str:
    """A certificate for the public key."""
    body = {"public_key": values["public_key"]}
    if values.get("valid_principals"):
        body["valid_principals"] = values["valid_principals"]
    with files(values) as paths:
        session = Session(values, paths)
        found = session.call("POST", str(values["secret_path"]), "sign", values["role"], json=body).get("data")
    return pick(found, "signed_key", "the Vault's answer")


TYPE = ManagedType(
    namespace="hashivault_ssh",
    name="HashiCorp Vault Signed SSH",
    kind="external",
    fields=FIELDS,
    metadata=(
        text("public_key", "Unsigned Public Key", multiline=True),
        PATH_TO_SECRET,
        PATH_TO_AUTH,
        text("role", "Role Name", "The role that signs."),
        text("valid_principals", "Valid Principals", "User names that the certificate is good for."),
    ),
    required=("url", "secret_path", "public_key", "role"),
    lookup=fetch,
)
