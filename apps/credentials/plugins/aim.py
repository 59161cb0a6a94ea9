"""CyberArk Central Credential Provider.

Source: https://docs.cyberark.com/credential-providers/latest/en/content/ccp/calling-the-web-service-using-rest.htm
"""

from __future__ import annotations

from typing import Any

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, flag, secret, text

from .base import join, pick


def fetch(**values: Any) -> str:
    """One property of the account that the query finds."""
    params = {
        "AppId": values["app_id"],
        "Query": values["object_query"],
        "QueryFormat": values.get("object_query_format") or "Exact",
    }
    if values.get("reason"):
        params["reason"] = values["reason"]
    url = join(values["url"], values.get("webservice_id") or "AIMWebService", "api", "Accounts")
    options: dict[str, Any] = {"params": params, "verify": values.get("verify", True)}
    with outbound.files(cert=values.get("client_cert") or "", key=values.get("client_key") or "") as paths:
        if paths:
            options["cert"] = (paths["cert"], paths["key"]) if len(paths) > 1 else next(iter(paths.values()))
        found = outbound.call("GET", url, **options).required().json()
    wanted = values.get("object_property") or "Content"
    names = {name.lower(): name for name in found} if isinstance(found, dict) else {}
    return pick(found, names.get(wanted.lower(), wanted), "the account")


TYPE = ManagedType(
    namespace="aim",
    name="CyberArk Central Credential Provider Lookup",
    kind="external",
    fields=(
        text("url", "CyberArk CCP URL", format="url"),
        text("webservice_id", "Web Service ID", "The name of the web service, if it is not AIMWebService."),
        secret("app_id", "Application ID"),
        secret("client_key", "Client Key", multiline=True),
        secret("client_cert", "Client Certificate", multiline=True),
        flag("verify", "Verify SSL Certificates", default=True),
    ),
    metadata=(
        text("object_query", "Object Query", "The query, such as Safe=TestSafe;Object=testAccountName123."),
        text("object_query_format", "Object Query Format", default="Exact", choices=["Exact", "Regexp"]),
        text("object_property", "Object Property", "The property to return; Content where none is named."),
        text("reason", "Reason", "Why the secret is needed, where the safe asks for it."),
    ),
    required=("url", "app_id", "object_query"),
    lookup=fetch,
)
