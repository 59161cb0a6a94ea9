"""Centrify (Delinea Cloud Suite) Vault.

Source: https://developer.delinea.com/docs/using-the-redrock-query-service
"""

from __future__ import annotations

from typing import Any

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, secret, text

from .base import LookupFailed, join, pick


def quoted(value: str) -> str:
    """A text within the query language."""
    return "'" + value.replace("'", "''") + "'"


class Tenant:
    """Calls to one tenant, after the login."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.url = values["url"]
        who = (values["client_id"], values["client_password"])
        body = {"grant_type": "client_credentials", "scope": values.get("oauth_scope") or "awx"}
        where = join(self.url, "oauth2", "token", values.get("oauth_application_id") or "awx")
        found = outbound.call("POST", where, data=body, auth=who).required().json()
        token = pick(found, "access_token", "the answer to the login")
        self.headers = {"Authorization": f"Bearer {token}", "X-CENTRIFY-NATIVE-CLIENT": "true"}

    def call(self, *parts: str, body: dict[str, Any]) -> Any:
        """`Result` of a call."""
        found = outbound.call("POST", join(self.url, *parts), json=body, headers=self.headers).required().json()
        if not isinstance(found, dict) or not found.get("success"):
            raise LookupFailed("The tenant refused the request.")
        return found.get("Result")


def fetch(**values: Any) -> str:
    """The password of an account on a system."""
    account, system = values["account-name"], values["system-name"]
    tenant = Tenant(values)
    script = (
        "Select ID from VaultAccount where Name=" + quoted(system) + " and User=" + quoted(account)  # noqa: S608
    )
    found = tenant.call("Redrock", "query", body={"Script": script})
    rows = found.get("Results") if isinstance(found, dict) else None
    if not rows:
        raise LookupFailed(f"There is no account {account!r} on the system {system!r}.")
    taken = tenant.call("ServerManage", "CheckoutPassword", body={"ID": rows[0]["Row"]["ID"]})
    return pick(taken, "Password", "the answer")


TYPE = ManagedType(
    namespace="centrify_vault_kv",
    name="Centrify Vault Credential Provider Lookup",
    kind="external",
    fields=(
        text("url", "Centrify Tenant URL", format="url"),
        text("client_id", "Centrify API User", "The user that may read the accounts."),
        secret("client_password", "Centrify API Password", "The password of that user."),
        text("oauth_application_id", "OAuth2 Application ID", "The application in the tenant.", default="awx"),
        text("oauth_scope", "OAuth2 Scope", "The scope of the application.", default="awx"),
    ),
    metadata=(
        text("account-name", "Account Name", "The local account or the directory account."),
        text("system-name", "System Name", "The system that the account is on."),
    ),
    required=("url", "account-name", "system-name", "client_id", "client_password"),
    lookup=fetch,
)
