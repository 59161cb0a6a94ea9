"""CyberArk Conjur.

Source: https://docs.cyberark.com/conjur-open-source/latest/en/content/developer/lp_rest_api.htm
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from apps.core import outbound
from apps.credentials.managed.base import ManagedType, secret, text

from .base import join


def fetch(**values: Any) -> str:
    """The value of a variable."""
    base, account = values["url"], quote(values["account"], safe="")
    with outbound.files(cacert=values.get("cacert") or "") as paths:
        verify = paths.get("cacert", True)
        who = f"{join(base, 'authn')}/{account}/{quote(values['username'], safe='')}/authenticate"
        key = values["api_key"].encode()
        login = outbound.call("POST", who, data=key, headers={"Content-Type": "text/plain"}, verify=verify)
        token = base64.b64encode(login.required().body).decode()
        params = {"version": values["secret_version"]} if values.get("secret_version") else {}
        where = f"{join(base, 'secrets')}/{account}/variable/{quote(values['secret_path'], safe='')}"
        headers = {"Authorization": f'Token token="{token}"'}
        return outbound.call("GET", where, headers=headers, params=params, verify=verify).required().text


TYPE = ManagedType(
    namespace="conjur",
    name="CyberArk Conjur Secrets Manager Lookup",
    kind="external",
    fields=(
        text("url", "Conjur URL", format="url"),
        secret("api_key", "API Key"),
        text("account", "Account"),
        text("username", "Username"),
        text("cacert", "Public Key Certificate", multiline=True),
    ),
    metadata=(
        text("secret_path", "Secret Identifier", "The identifier, such as /some/identifier."),
        text("secret_version", "Secret Version", "A version; without one the latest."),
    ),
    required=("url", "api_key", "account", "username"),
    lookup=fetch,
)
