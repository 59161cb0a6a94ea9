"""The sign-on backends in use, by the names under which clients know them."""

from __future__ import annotations

from . import live

GITHUB = "social_core.backends.github"
# backend -> the settings that must have a value for it to be used; in the order in which they are tried
BACKENDS: dict[str, tuple[str, ...]] = {
    "awx.sso.backends.LDAPBackend": ("AUTH_LDAP_SERVER_URI",),
    **{f"awx.sso.backends.LDAPBackend{n}": (f"AUTH_LDAP_{n}_SERVER_URI",) for n in range(1, 6)},
    "awx.sso.backends.RADIUSBackend": ("RADIUS_SERVER",),
    "awx.sso.backends.TACACSPlusBackend": ("TACACSPLUS_HOST",),
    "social_core.backends.google.GoogleOAuth2": ("SOCIAL_AUTH_GOOGLE_OAUTH2_KEY", "SOCIAL_AUTH_GOOGLE_OAUTH2_SECRET"),
    f"{GITHUB}.GithubOAuth2": ("SOCIAL_AUTH_GITHUB_KEY", "SOCIAL_AUTH_GITHUB_SECRET"),
    f"{GITHUB}.GithubOrganizationOAuth2": (
        "SOCIAL_AUTH_GITHUB_ORG_KEY",
        "SOCIAL_AUTH_GITHUB_ORG_SECRET",
        "SOCIAL_AUTH_GITHUB_ORG_NAME",
    ),
    f"{GITHUB}.GithubTeamOAuth2": (
        "SOCIAL_AUTH_GITHUB_TEAM_KEY",
        "SOCIAL_AUTH_GITHUB_TEAM_SECRET",
        "SOCIAL_AUTH_GITHUB_TEAM_ID",
    ),
    f"{GITHUB}_enterprise.GithubEnterpriseOAuth2": (
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_API_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_KEY",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_SECRET",
    ),
    f"{GITHUB}_enterprise.GithubEnterpriseOrganizationOAuth2": (
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_ORG_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_ORG_API_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_ORG_KEY",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_ORG_SECRET",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_ORG_NAME",
    ),
    f"{GITHUB}_enterprise.GithubEnterpriseTeamOAuth2": (
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_TEAM_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_TEAM_API_URL",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_TEAM_KEY",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_TEAM_SECRET",
        "SOCIAL_AUTH_GITHUB_ENTERPRISE_TEAM_ID",
    ),
    "social_core.backends.open_id_connect.OpenIdConnectAuth": (
        "SOCIAL_AUTH_OIDC_KEY",
        "SOCIAL_AUTH_OIDC_SECRET",
        "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT",
    ),
    "social_core.backends.azuread.AzureADOAuth2": (
        "SOCIAL_AUTH_AZUREAD_OAUTH2_KEY",
        "SOCIAL_AUTH_AZUREAD_OAUTH2_SECRET",
    ),
    "awx.sso.backends.SAMLAuth": (
        "SOCIAL_AUTH_SAML_SP_ENTITY_ID",
        "SOCIAL_AUTH_SAML_SP_PUBLIC_CERT",
        "SOCIAL_AUTH_SAML_SP_PRIVATE_KEY",
        "SOCIAL_AUTH_SAML_ORG_INFO",
        "SOCIAL_AUTH_SAML_TECHNICAL_CONTACT",
        "SOCIAL_AUTH_SAML_SUPPORT_CONTACT",
        "SOCIAL_AUTH_SAML_ENABLED_IDPS",
    ),
}
LOCAL = "awx.main.backends.AWXModelBackend"


def in_use() -> list[str]:
    """Those whose settings all have a value, and the accounts kept here."""
    return [name for name, needed in BACKENDS.items() if all(live.get(key) for key in needed)] + [LOCAL]
