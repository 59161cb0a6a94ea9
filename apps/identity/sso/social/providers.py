"""The services that people may sign on with, and which settings each of them reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from apps.conf import live, registry

HERE = "apps.identity.sso.social"
COMMON = ("KEY", "SECRET")
MAPS = ("ORGANIZATION_MAP", "TEAM_MAP")
SERVICE = ("SP_ENTITY_ID", "SP_PUBLIC_CERT", "SP_PRIVATE_KEY", "ORG_INFO", "TECHNICAL_CONTACT", "SUPPORT_CONTACT")
MINE = ("read:org",)


@dataclass(frozen=True)
class Provider:
    """One service."""

    name: str  # as in the paths: github-org
    prefix: str  # of its settings, after SOCIAL_AUTH_: GITHUB_ORG
    title: str
    backend: str  # the class that speaks its protocol
    requires: tuple[str, ...] = COMMON  # settings without which it is off
    reads: tuple[str, ...] = ()  # further settings
    scope: tuple[str, ...] = ()

    def key(self, name: str) -> str:
        """The full name of one of its settings."""
        return f"SOCIAL_AUTH_{self.prefix}_{name}"

    def setting(self, name: str) -> Any:
        """The value of one of its settings now; None for one that it does not have."""
        key = self.key(name)
        known = name in (*self.requires, *self.reads, *MAPS) and registry.known(key)
        return live.get(key) if known else None

    @property
    def enabled(self) -> bool:
        """Whether everything is set that it needs."""
        return all(self.setting(name) for name in self.requires)


def github(name: str, title: str, backend: str, *further: str, scope: tuple[str, ...] = ()) -> Provider:
    """A kind of accounts at GitHub."""
    prefix = name.upper().replace("-", "_")
    return Provider(name, prefix, title, f"{HERE}.backends.{backend}", (*COMMON, *further), scope=scope)


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider(
            "oidc", "OIDC", "OpenID Connect", f"{HERE}.backends.OpenIdConnect",
            (*COMMON, "OIDC_ENDPOINT"), ("VERIFY_SSL",),
        ),
        Provider(
            "google-oauth2", "GOOGLE_OAUTH2", "Google", f"{HERE}.backends.Google",
            reads=("WHITELISTED_DOMAINS", "AUTH_EXTRA_ARGUMENTS"),
        ),
        Provider("azuread-oauth2", "AZUREAD_OAUTH2", "Azure AD", f"{HERE}.backends.Azure"),
        github("github", "GitHub", "GitHub", scope=("user:email",)),
        github("github-org", "GitHub Organization", "GitHubOrganization", "NAME", scope=MINE),
        github("github-team", "GitHub Team", "GitHubTeam", "ID", scope=MINE),
        github("github-enterprise", "GitHub Enterprise", "Enterprise", "URL", "API_URL", scope=("user:email",)),
        github("github-enterprise-org", "GitHub Enterprise Organization", "EnterpriseOrganization",
               "URL", "API_URL", "NAME", scope=MINE),
        github("github-enterprise-team", "GitHub Enterprise Team", "EnterpriseTeam",
               "URL", "API_URL", "ID", scope=MINE),
        Provider(
            "saml", "SAML", "SAML", f"{HERE}.saml.SAML", (*SERVICE, "ENABLED_IDPS"),
            ("SECURITY_CONFIG", "SP_EXTRA", "ORGANIZATION_ATTR", "TEAM_ATTR", "USER_FLAGS_BY_ATTR"),
        ),
    )
}  # fmt: skip


def enabled() -> Iterator[Provider]:
    """The services that are configured, in a fixed order."""
    return (provider for provider in PROVIDERS.values() if provider.enabled)


def sign_ons(request: Any, error: tuple[str, str] = ("", "")) -> dict[str, dict[str, str]]:
    """/api/v2/auth/: where each sign-on begins; `error` is (name, sentence) of one that has just failed."""
    out = {}
    for provider in enabled():
        for name, query in choices(provider):
            entry = {
                "login_url": f"/sso/login/{provider.name}/{query}",
                "complete_url": request.build_absolute_uri(f"/sso/complete/{provider.name}/"),
            }
            if provider.name == "saml":
                entry["metadata_url"] = "/sso/metadata/saml/"
            if error[0] == provider.name:
                entry["error"] = error[1]
            out[name] = entry
    return out


def choices(provider: Provider) -> list[tuple[str, str]]:
    """(name, query) of each way to begin: SAML has one for every identity provider."""
    if provider.name != "saml":
        return [(provider.name, "")]
    return [(f"saml:{name}", f"?{urlencode({'idp': name})}") for name in sorted(provider.setting("ENABLED_IDPS"))]


def titles() -> list[tuple[str, str]]:
    """(title, address) of the buttons of the login page."""
    out = []
    for provider in enabled():
        for name, query in choices(provider):
            title = f"{provider.title} ({name.partition(':')[2]})" if query else provider.title
            out.append((title, f"/sso/login/{provider.name}/{query}"))
    return out
