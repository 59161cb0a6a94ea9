"""Thycotic (Delinea) Secret Server.

Source: https://docs.delinea.com/online-help/secret-server/api-scripting/rest-api-reference-download/
"""

from __future__ import annotations

from typing import Any

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, secret, text

from .base import LookupFailed, join, pick


def fetch(**values: Any) -> str:
    """One field of a secret."""
    if not str(values["secret_id"]).isdecimal():
        raise LookupFailed("The id of a secret is a number.")
    body = {"grant_type": "password", "username": values["username"], "password": values["password"]}
    if values.get("domain"):
        body["domain"] = values["domain"]
    login = outbound.call("POST", join(values["server_url"], "oauth2", "token"), data=body).required().json()
    headers = {"Authorization": f"Bearer {pick(login, 'access_token', 'the answer to the login')}"}
    where = join(values["server_url"], "api", "v1", "secrets", values["secret_id"])
    found = outbound.call("GET", where, headers=headers).required().json()
    items = found.get("items") if isinstance(found, dict) else None
    wanted = values["secret_field"]
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and wanted in (item.get("slug"), item.get("fieldName")):
            return pick(item, "itemValue", "the field")
    raise LookupFailed(f"The secret has no field {wanted!r}.")


TYPE = ManagedType(
    namespace="thycotic_tss",
    name="Thycotic Secret Server",
    kind="external",
    fields=(
        text(
            "server_url",
            "Secret Server URL",
            "The base address, such as https://myserver/SecretServer or https://mytenant.secretservercloud.com.",
        ),
        text("username", "Username", "The (application) user."),
        text("domain", "Domain", "The domain of the user, if there is one."),
        secret("password", "Password", "The password of the user."),
    ),
    metadata=(
        text("secret_id", "Secret ID", "The number of the secret."),
        text("secret_field", "Secret Field", "The field to take."),
    ),
    required=("server_url", "username", "password", "secret_id", "secret_field"),
    lookup=fetch,
)
