"""Thycotic (Delinea) DevOps Secrets Vault.

Source: https://dsv.secretsvaultcloud.com/api
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, secret, text

from .base import LookupFailed, join, pick

TENANT = re.compile(r"^[A-Za-z0-9-]{1,63}$")
DECODE = "Decode Base64"


def fetch(**values: Any) -> str:
    """One field of a secret."""
    if not TENANT.match(values["tenant"]):
        raise LookupFailed("The tenant must consist of letters, digits and dashes.")
    base = f"https://{values['tenant']}.secretsvaultcloud.{values.get('tld') or 'com'}/v1"
    body = {
        "grant_type": "client_credentials",
        "client_id": values["client_id"],
        "client_secret": values["client_secret"],
    }
    login = outbound.call("POST", f"{base}/token", json=body).required().json()
    headers = {"Authorization": pick(login, "accessToken", "the answer to the login")}
    found = outbound.call("GET", join(base, "secrets", values["path"]), headers=headers).required().json()
    value = pick(found.get("data") if isinstance(found, dict) else None, values["secret_field"], "the secret")
    if values.get("secret_decoding") != DECODE:
        return value
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise LookupFailed("The field is not Base64 of a text.") from error


TYPE = ManagedType(
    namespace="thycotic_dsv",
    name="Thycotic DevOps Secrets Vault",
    kind="external",
    fields=(
        text("tenant", "Tenant", "The first part of the vault's address."),
        text(
            "tld",
            "Top-level Domain (TLD)",
            "The last part of the vault's address.",
            choices=["ca", "com", "com.au", "eu"],
            default="com",
        ),
        text("client_id", "Client ID"),
        secret("client_secret", "Client Secret"),
    ),
    metadata=(
        text("path", "Secret Path", "Where the secret is, for example /test/secret1."),
        text("secret_field", "Secret Field", "The field to take."),
        text(
            "secret_decoding",
            "Should the secret be base64 decoded?",
            "Whether the field holds Base64, as files do.",
            choices=["No Decoding", DECODE],
            default="No Decoding",
        ),
    ),
    required=("tenant", "client_id", "client_secret", "path", "secret_field", "secret_decoding"),
    lookup=fetch,
)
