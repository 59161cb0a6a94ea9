"""social-auth-core's protocols, whose calls go through the checks that all outbound calls pass."""

from __future__ import annotations

from typing import Any

import requests
from social_core.backends.azuread import AzureADOAuth2
from social_core.backends.github import GithubOAuth2, GithubOrganizationOAuth2, GithubTeamOAuth2
from social_core.backends.github_enterprise import (
    GithubEnterpriseOAuth2,
    GithubEnterpriseOrganizationOAuth2,
    GithubEnterpriseTeamOAuth2,
)
from social_core.backends.google import GoogleOAuth2
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.exceptions import AuthProviderError
from social_core.utils import http_error

from apps.core import outbound

PASSED = ("headers", "data", "json", "auth", "params")


class Checked:
    """Calls with checked addresses, verified certificates, and limits of time and size."""

    def request(self, url: str, *, method: str = "GET", stage: Any = "user_info", **options: Any) -> requests.Response:
        """One call, as the protocols expect its answer."""
        me: Any = self
        given = {name: value for name, value in options.items() if name in PASSED and value is not None}
        given["headers"] = {"Accept": "application/json"} | dict(given.get("headers") or {})
        given["verify"] = self.setting("VERIFY_SSL", True) is not False  # noqa: FBT003
        try:
            answer = outbound.call(method, url, **given)
        except (outbound.Refused, OSError) as error:
            raise AuthProviderError(me, type(error).__name__, code="connection_failed", stage=stage) from error
        response = requests.Response()
        response.status_code, response._content, response.url = answer.status, answer.body, answer.url
        response.headers.update(answer.headers)
        try:
            response.raise_for_status()
        except requests.HTTPError as error:
            raise http_error(me, error, stage=stage) from error
        return response


class OpenIdConnect(Checked, OpenIdConnectAuth):
    """Any provider of OpenID Connect: signed tokens, a nonce, and a proof that the code is ours (PKCE)."""

    def oidc_endpoint(self) -> str:
        """The issuer; a slash at its end makes no other path."""
        return str(super().oidc_endpoint()).rstrip("/").removesuffix("/.well-known/openid-configuration")

    def get_user_details(self, response: Any) -> dict[str, Any]:
        """Who it is; an email address that the provider itself has not verified does not count."""
        details = super().get_user_details(response)
        return details | ({"email": ""} if response.get("email_verified") is False else {})


class Google(Checked, GoogleOAuth2):
    """Accounts of Google."""


class Azure(Checked, AzureADOAuth2):
    """Accounts of Azure AD."""


class VerifiedEmail:
    """GitHub's accounts: an address counts once GitHub has verified it."""

    def get_user_details(self, response: Any) -> dict[str, Any]:
        """Who it is."""
        details = super().get_user_details(response)  # type: ignore[misc]
        listed = [row for row in response.get("emails") or () if isinstance(row, dict)]
        wrong = {str(row.get("email")) for row in listed if row.get("verified") is False}
        return details | ({"email": ""} if details.get("email") in wrong else {})


class GitHub(Checked, VerifiedEmail, GithubOAuth2):
    """Any account of github.com."""


class GitHubOrganization(Checked, VerifiedEmail, GithubOrganizationOAuth2):
    """Members of an organization on github.com."""


class GitHubTeam(Checked, VerifiedEmail, GithubTeamOAuth2):
    """Members of a team on github.com."""


class Enterprise(Checked, VerifiedEmail, GithubEnterpriseOAuth2):
    """Any account of a GitHub of one's own."""


class EnterpriseOrganization(Checked, VerifiedEmail, GithubEnterpriseOrganizationOAuth2):
    """Members of an organization there."""


class EnterpriseTeam(Checked, VerifiedEmail, GithubEnterpriseTeamOAuth2):
    """Members of a team there."""
