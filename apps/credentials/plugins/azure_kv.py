"""Microsoft Azure Key Vault.

Source: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, secret, text

from .base import join, pick

# Each cloud has a host to log in at and an audience for the token.
CLOUDS = {
    "AzureCloud": ("https://login.microsoftonline.com", "https://vault.azure.net"),
    "AzureChinaCloud": ("https://login.chinacloudapi.cn", "https://vault.azure.cn"),
    "AzureUSGovernment": ("https://login.microsoftonline.us", "https://vault.usgovcloudapi.net"),
    "AzureGermanCloud": ("https://login.microsoftonline.de", "https://vault.microsoftazure.de"),
}


def fetch(**values: Any) -> str:
    """The value of a secret."""
    login, audience = CLOUDS[values.get("cloud_name") or "AzureCloud"]
    body = {
        "grant_type": "client_credentials",
        "client_id": values["client"],
        "client_secret": values["secret"],
        "scope": f"{audience}/.default",
    }
    url = f"{login}/{quote(values['tenant'], safe='')}/oauth2/v2.0/token"
    token = pick(outbound.call("POST", url, data=body).required().json(), "access_token", "the answer to the login")
    where = join(values["url"], "secrets", values["secret_field"], values.get("secret_version") or "")
    headers = {"Authorization": f"Bearer {token}"}
    found = outbound.call("GET", where, headers=headers, params={"api-version": "7.4"}).required().json()
    return pick(found, "value", "the secret")


TYPE = ManagedType(
    namespace="azure_kv",
    name="Microsoft Azure Key Vault",
    kind="external",
    fields=(
        text("url", "Vault URL (DNS Name)", format="url"),
        text("client", "Client ID"),
        secret("secret", "Client Secret"),
        text("tenant", "Tenant ID"),
        text(
            "cloud_name",
            "Cloud Environment",
            "Which of Azure's clouds.",
            choices=list(CLOUDS),
            default="AzureCloud",
        ),
    ),
    metadata=(
        text("secret_field", "Secret Name", "The name of the secret."),
        text("secret_version", "Secret Version", "A version; without one the latest."),
    ),
    required=("url", "client", "secret", "tenant", "secret_field"),
    lookup=fetch,
)
