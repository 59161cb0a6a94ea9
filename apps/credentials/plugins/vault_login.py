"""Logging in to HashiCorp Vault: a token, or one of the ways to get one.

Source: https://developer.hashicorp.com/vault/api-docs/auth
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps.core import outbound
from apps.credentials.managed.base import secret, text

from .base import LookupFailed, join

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")

FIELDS = (
    text("url", "Server URL", "Where the Vault is.", format="url"),
    secret("token", "Token", "A token for the Vault, where no other login is given."),
    text("cacert", "CA Certificate", "The CA that signed the Vault's certificate.", multiline=True),
    text("role_id", "AppRole role_id", "The id of the role, for a login by AppRole.", multiline=False),
    secret("secret_id", "AppRole secret_id", "The secret that belongs to the role.", multiline=False),
    text(
        "client_cert_public",
        "Client Certificate",
        "The certificate, with chain, for a login by TLS.",
        multiline=True,
    ),
    secret("client_cert_private", "Client Certificate Key", "The key of the certificate.", multiline=True),
    text("client_cert_role", "TLS Authentication Role", "The role of the certificate in the Vault.", multiline=False),
    text("namespace", "Namespace name (Vault Enterprise only)", "The namespace to work in.", multiline=False),
    text(
        "kubernetes_role",
        "Kubernetes role",
        "The role for a login by the service account of the pod.",
        multiline=False,
    ),
    text("username", "Username", "For a login by name (userpass, LDAP).", multiline=False),
    secret("password", "Password", "For a login by name (userpass, LDAP).", multiline=False),
    text(
        "default_auth_path",
        "Path to Auth",
        "Where the way to log in is mounted, if the link does not say so.",
        multiline=False,
        default="approle",
    ),
)
PATH_TO_SECRET = text("secret_path", "Path to Secret", "Where the secret is, for example /my/path.")
PATH_TO_AUTH = text("auth_path", "Path to Auth", "Where the way to log in is mounted.", multiline=False)


class Session:
    """Calls to one Vault, after the login."""

    def __init__(self, values: dict[str, Any], paths: dict[str, str]) -> None:
        """`paths`: files with certificates, by name."""
        self.values, self.url = values, values["url"]
        self.options: dict[str, Any] = {"verify": paths.get("cacert", True), "headers": {}}
        if values.get("namespace"):
            self.options["headers"]["X-Vault-Namespace"] = values["namespace"]
        if "client" in paths and "client_key" in paths:
            self.options["cert"] = (paths["client"], paths["client_key"])
        self.options["headers"]["X-Vault-Token"] = values.get("token") or self.login()

    def call(self, method: str, *parts: str, **options: Any) -> dict[str, Any]:
        """The answer of `/v1/<parts>` as JSON."""
        found = outbound.call(method, join(self.url, "v1", *parts), **self.options, **options).required().json()
        if not isinstance(found, dict):
            raise LookupFailed("The Vault's answer is not what it should be.")
        return found

    def login(self) -> str:
        """A new token."""
        values, mount = self.values, self.values.get("auth_path") or self.values.get("default_auth_path")
        if values.get("role_id") and values.get("secret_id"):
            body = {"role_id": values["role_id"], "secret_id": values["secret_id"]}
            return self.token("auth", mount or "approle", "login", body=body)
        if values.get("client_cert_public") and values.get("client_cert_private"):
            name = values.get("client_cert_role")
            return self.token(
                "auth", self.other_than_approle(mount, "cert"), "login", body={"name": name} if name else {}
            )
        if values.get("kubernetes_role"):
            body = {"role": values["kubernetes_role"], "jwt": service_account()}
            return self.token("auth", self.other_than_approle(mount, "kubernetes"), "login", body=body)
        if values.get("username") and values.get("password"):
            mount = self.other_than_approle(mount, "userpass")
            return self.token("auth", mount, "login", values["username"], body={"password": values["password"]})
        raise LookupFailed("No token and no complete login for the Vault is given.")

    @staticmethod
    def other_than_approle(mount: str | None, usual: str) -> str:
        """`approle` is the default of the field and cannot be meant by other logins."""
        return usual if mount in (None, "", "approle") else mount

    def token(self, *parts: str, body: dict[str, Any]) -> str:
        """The token that a login answers with."""
        auth = self.call("POST", *parts, json=body).get("auth")
        if not isinstance(auth, dict) or not auth.get("client_token"):
            raise LookupFailed("The Vault gave no token.")
        return auth["client_token"]


def service_account() -> str:
    """The token of the pod's service account."""
    try:
        return SERVICE_ACCOUNT.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise LookupFailed("This server has no Kubernetes service account to log in with.") from error


def files(values: dict[str, Any]) -> Any:
    """The certificates as files, for the time of a block."""
    return outbound.files(
        cacert=values.get("cacert") or "",
        client=values.get("client_cert_public") or "",
        client_key=values.get("client_cert_private") or "",
    )
