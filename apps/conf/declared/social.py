"""Sign-on through Google, Azure, OpenID Connect, RADIUS and TACACS+."""

from typing import Any

from apps.conf import checks, signon_checks
from apps.conf.installation import callback
from apps.conf.registry import Category, Declared, declare


def oauth(slug: str, name: str) -> tuple[Declared, ...]:
    """The settings that every OAuth 2 service has."""
    stem = f"SOCIAL_AUTH_{slug.upper().replace('-', '_')}"
    maps: dict[str, Any] = {"child": "nested object", "nullable": True}
    return (
        Declared(
            f"{stem}_CALLBACK_URL", "string", f"{name} callback URL", "What to register at the service as callback.",
            slug, read_only=True, compute=callback(f"complete/{slug}"),
        ),
        Declared(f"{stem}_KEY", "string", f"{name} key", "The client id that the service gave.", slug, default=""),
        Declared(
            f"{stem}_SECRET", "string", f"{name} secret", "The client secret that the service gave.", slug, default="",
            secret=True,
        ),
        Declared(
            f"{stem}_ORGANIZATION_MAP", "nested object", f"{name} organization map",
            "Which accounts belong to which organizations.", slug, check=signon_checks.organization_map, **maps,
        ),
        Declared(
            f"{stem}_TEAM_MAP", "nested object", f"{name} team map", "Which accounts belong to which teams.", slug,
            check=signon_checks.team_map, **maps,
        ),
    )  # fmt: skip


AZUREAD_OAUTH2 = Category("azuread-oauth2", "Azure AD OAuth2")

declare(AZUREAD_OAUTH2, oauth("azuread-oauth2", "Azure AD OAuth2"))

GOOGLE_OAUTH2 = Category("google-oauth2", "Google OAuth2")

declare(
    GOOGLE_OAUTH2,
    (
        *oauth("google-oauth2", "Google OAuth2"),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_AUTH_EXTRA_ARGUMENTS",
            "nested object",
            "Google OAuth2 auth extra arguments",
            "Further arguments of the login page, such as hd, which names the domain to log in with.",
            "google-oauth2",
            default={},
            child="field",
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_WHITELISTED_DOMAINS",
            "list",
            "Google OAuth2 whitelisted domains",
            "The domains whose addresses may log in; none: all.",
            "google-oauth2",
            default=[],
            child="string",
        ),
    ),
)

OIDC = Category("oidc", "Generic OIDC")

declare(
    OIDC,
    (
        Declared(
            "SOCIAL_AUTH_OIDC_KEY", "string", "OIDC key", "The client id that the provider gave.", "oidc",
            nullable=True,
        ),
        Declared(
            "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT",
            "string",
            "OIDC OIDC endpoint",
            "The provider's address, below which /.well-known/openid-configuration is.",
            "oidc",
            default="",
            check=checks.web_address,
        ),
        Declared(
            "SOCIAL_AUTH_OIDC_SECRET",
            "string",
            "OIDC secret",
            "The client secret that the provider gave.",
            "oidc",
            default="",
            secret=True,
        ),
        Declared(
            "SOCIAL_AUTH_OIDC_VERIFY_SSL",
            "boolean",
            "OIDC verify SSL",
            "Whether the provider's certificate is verified.",
            "oidc",
            default=True,
        ),
    ),
)  # fmt: skip

RADIUS = Category("radius", "RADIUS")

declare(
    RADIUS,
    (
        Declared(
            "RADIUS_PORT", "integer", "RADIUS port", "The port of the server.", "radius", default=1812, minimum=1,
            maximum=65535,
        ),
        Declared(
            "RADIUS_SECRET", "string", "RADIUS secret", "The secret that the server shares with us.", "radius",
            default="", secret=True,
        ),
        Declared(
            "RADIUS_SERVER", "string", "RADIUS server", "The host that checks passwords; empty: none.", "radius",
            default="", check=signon_checks.host,
        ),
    ),
)  # fmt: skip

TACACSPLUS = Category("tacacsplus", "TACACS+")

declare(
    TACACSPLUS,
    (
        Declared(
            "TACACSPLUS_AUTH_PROTOCOL", "choice", "TACACS+ auth protocol", "How the password is sent.", "tacacsplus",
            default="ascii", choices=("ascii", "pap"),
        ),
        Declared(
            "TACACSPLUS_HOST", "string", "TACACS+ host", "The host that checks passwords; empty: none.", "tacacsplus",
            default="", check=signon_checks.host,
        ),
        Declared(
            "TACACSPLUS_PORT", "integer", "TACACS+ port", "The port of the server.", "tacacsplus", default=49,
            minimum=1, maximum=65535,
        ),
        Declared(
            "TACACSPLUS_REM_ADDR", "boolean", "TACACS+ rem addr", "Whether the server is told the client's address.",
            "tacacsplus", default=False,
        ),
        Declared(
            "TACACSPLUS_SECRET", "string", "TACACS+ secret", "The secret that the server shares with us.", "tacacsplus",
            default="", secret=True, check=checks.ascii_only,
        ),
        Declared(
            "TACACSPLUS_SESSION_TIMEOUT", "integer", "TACACS+ session timeout",
            "After how many seconds without an answer a login fails; 0: a minute, which is the longest.", "tacacsplus",
            default=5, minimum=0,
        ),
    ),
)  # fmt: skip
