"""HashiCorp Vault, key-value secrets of both versions.

Source: https://developer.hashicorp.com/vault/api-docs/secret/kv
"""

from __future__ import annotations

from typing import Any

from apps.credentials.managed.base import ManagedType, text

from .base import LookupFailed, pick
from .vault_login import FIELDS, PATH_TO_AUTH, PATH_TO_SECRET, Session, files


def fetch(**values: Any) -> str:
    """The value of one key of a secret."""
    path = str(values["secret_path"]).strip("/")
    mount, key = str(values.get("secret_backend") or "").strip("/"), values["secret_key"]
    with files(values) as paths:
        session = Session(values, paths)
        if values.get("api_version") == "v2":
            if not mount:
                mount, _, path = path.partition("/")
            version = {"version": values["secret_version"]} if values.get("secret_version") else {}
            found = session.call("GET", mount, "data", path, params=version).get("data")
            found = found.get("data") if isinstance(found, dict) else None
        else:
            found = session.call("GET", mount, path).get("data")
    if not isinstance(found, dict):
        raise LookupFailed(f"There is no secret at {path!r}.")
    return pick(found, key, f"the secret {path!r}")


TYPE = ManagedType(
    namespace="hashivault_kv",
    name="HashiCorp Vault Secret Lookup",
    kind="external",
    fields=(
        *FIELDS,
        text(
            "api_version",
            "API Version",
            "v1 for plain secrets, v2 for those with versions.",
            choices=["v1", "v2"],
            default="v1",
        ),
    ),
    metadata=(
        text("secret_backend", "Name of Secret Backend", "Where the secrets are mounted (v2)."),
        PATH_TO_SECRET,
        PATH_TO_AUTH,
        text("secret_key", "Key Name", "The key within the secret."),
        text("secret_version", "Secret Version (v2 only)", "A version; without one the latest."),
    ),
    required=("url", "secret_path", "api_version", "secret_key"),
    lookup=fetch,
)
