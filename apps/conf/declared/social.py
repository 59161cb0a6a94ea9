"""Sign-on through Google, Azure, OpenID Connect, RADIUS and TACACS+."""

from apps.conf.installation import callback
from apps.conf.registry import Category, Declared, declare

AZUREAD_OAUTH2 = Category("azuread-oauth2", "Azure AD OAuth2")

declare(
    AZUREAD_OAUTH2,
    (
        Declared(
            "SOCIAL_AUTH_AZUREAD_OAUTH2_CALLBACK_URL",
            "string",
            "Azure AD OAuth2 callback URL",
            "",
            "azuread-oauth2",
            read_only=True,
            acted_on=False,
            compute=callback("complete/azuread-oauth2"),
        ),
        Declared(
            "SOCIAL_AUTH_AZUREAD_OAUTH2_KEY",
            "string",
            "Azure AD OAuth2 key",
            "",
            "azuread-oauth2",
            default="",
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_AZUREAD_OAUTH2_ORGANIZATION_MAP",
            "nested object",
            "Azure AD OAuth2 organization map",
            "",
            "azuread-oauth2",
            child="nested object",
            nullable=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_AZUREAD_OAUTH2_SECRET",
            "string",
            "Azure AD OAuth2 secret",
            "",
            "azuread-oauth2",
            default="",
            secret=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_AZUREAD_OAUTH2_TEAM_MAP",
            "nested object",
            "Azure AD OAuth2 team map",
            "",
            "azuread-oauth2",
            child="nested object",
            nullable=True,
            acted_on=False,
        ),
    ),
)

GOOGLE_OAUTH2 = Category("google-oauth2", "Google OAuth2")

declare(
    GOOGLE_OAUTH2,
    (
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_AUTH_EXTRA_ARGUMENTS",
            "nested object",
            "Google OAuth2 auth extra arguments",
            "",
            "google-oauth2",
            default={},
            child="field",
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_CALLBACK_URL",
            "string",
            "Google OAuth2 callback URL",
            "",
            "google-oauth2",
            read_only=True,
            acted_on=False,
            compute=callback("complete/google-oauth2"),
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_KEY",
            "string",
            "Google OAuth2 key",
            "",
            "google-oauth2",
            default="",
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_ORGANIZATION_MAP",
            "nested object",
            "Google OAuth2 organization map",
            "",
            "google-oauth2",
            child="nested object",
            nullable=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_SECRET",
            "string",
            "Google OAuth2 secret",
            "",
            "google-oauth2",
            default="",
            secret=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_TEAM_MAP",
            "nested object",
            "Google OAuth2 team map",
            "",
            "google-oauth2",
            child="nested object",
            nullable=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_GOOGLE_OAUTH2_WHITELISTED_DOMAINS",
            "list",
            "Google OAuth2 whitelisted domains",
            "",
            "google-oauth2",
            default=[],
            child="string",
            acted_on=False,
        ),
    ),
)

OIDC = Category("oidc", "Generic OIDC")

declare(
    OIDC,
    (
        Declared("SOCIAL_AUTH_OIDC_KEY", "string", "OIDC key", "", "oidc", nullable=True, acted_on=False),
        Declared(
            "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT",
            "string",
            "OIDC OIDC endpoint",
            "",
            "oidc",
            default="",
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_OIDC_SECRET",
            "string",
            "OIDC secret",
            "",
            "oidc",
            default="",
            secret=True,
            acted_on=False,
        ),
        Declared(
            "SOCIAL_AUTH_OIDC_VERIFY_SSL",
            "boolean",
            "OIDC verify SSL",
            "",
            "oidc",
            default=True,
            acted_on=False,
        ),
    ),
)

RADIUS = Category("radius", "RADIUS")

declare(
    RADIUS,
    (
        Declared(
            "RADIUS_PORT",
            "integer",
            "RADIUS port",
            "",
            "radius",
            default=1812,
            minimum=1,
            maximum=65535,
            acted_on=False,
        ),
        Declared("RADIUS_SECRET", "string", "RADIUS secret", "", "radius", default="", secret=True, acted_on=False),
        Declared("RADIUS_SERVER", "string", "RADIUS server", "", "radius", default="", acted_on=False),
    ),
)

TACACSPLUS = Category("tacacsplus", "TACACS+")

declare(
    TACACSPLUS,
    (
        Declared(
            "TACACSPLUS_AUTH_PROTOCOL",
            "choice",
            "TACACS+ auth protocol",
            "",
            "tacacsplus",
            default="ascii",
            choices=("ascii", "pap"),
            acted_on=False,
        ),
        Declared("TACACSPLUS_HOST", "string", "TACACS+ host", "", "tacacsplus", default="", acted_on=False),
        Declared(
            "TACACSPLUS_PORT",
            "integer",
            "TACACS+ port",
            "",
            "tacacsplus",
            default=49,
            minimum=1,
            maximum=65535,
            acted_on=False,
        ),
        Declared(
            "TACACSPLUS_REM_ADDR",
            "boolean",
            "TACACS+ rem addr",
            "",
            "tacacsplus",
            default=False,
            acted_on=False,
        ),
        Declared(
            "TACACSPLUS_SECRET",
            "string",
            "TACACS+ secret",
            "",
            "tacacsplus",
            default="",
            secret=True,
            acted_on=False,
        ),
        Declared(
            "TACACSPLUS_SESSION_TIMEOUT",
            "integer",
            "TACACS+ session timeout",
            "",
            "tacacsplus",
            default=5,
            minimum=0,
            acted_on=False,
        ),
    ),
)
