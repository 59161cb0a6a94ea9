"""SAML sign-on."""

from typing import Any

from apps.conf import signon_checks as checks
from apps.conf.installation import callback
from apps.conf.registry import Category, Declared, declare

SAML = Category("saml", "SAML")


def row(name: str, kind: str, label: str, text: str, **further: Any) -> Declared:
    """One setting."""
    return Declared(f"SOCIAL_AUTH_SAML_{name}", kind, f"SAML {label}", text, "saml", **further)


declare(
    SAML,
    (
        Declared(
            "SAML_AUTO_CREATE_OBJECTS", "boolean", "SAML auto create objects",
            "Whether organizations and teams that a sign-on names are made where they are not there.", "saml",
            default=True,
        ),
        row("CALLBACK_URL", "string", "callback URL", "Where identity providers send people back to.", read_only=True,
            compute=callback("complete/saml")),
        row("ENABLED_IDPS", "nested object", "enabled IdPs",
            "The identity providers: {name: {entity_id, url, x509cert, attr_user_permanent_id, attr_username, "
            "attr_first_name, attr_last_name, attr_email}}.", default={}, child="nested object",
            check=checks.identity_providers),
        row("EXTRA_DATA", "list", "extra data", "Attributes to keep with the account.", child="field", nullable=True,
            acted_on=False),
        row("METADATA_URL", "string", "metadata URL", "What to give to identity providers.", read_only=True,
            compute=callback("metadata/saml")),
        row("ORGANIZATION_ATTR", "nested object", "organization attr",
            "Which attributes name the organizations of a user: {saml_attr, saml_admin_attr, saml_auditor_attr, "
            "remove, remove_admins, remove_auditors}.", default={}, child="field", check=checks.organization_attribute),
        row("ORGANIZATION_MAP", "nested object", "organization map", "Which accounts belong to which organizations.",
            child="nested object", nullable=True, check=checks.organization_map),
        row("ORG_INFO", "nested object", "org info",
            "Who runs this server, by language: {en-US: {name, displayname, url}}.", default={}, required=True,
            child="nested object", check=checks.organization_info),
        row("SECURITY_CONFIG", "nested object", "security config",
            "What is signed and encrypted, by the names of python3-saml.", default={"requestedAuthnContext": False},
            child="field"),
        row("SP_ENTITY_ID", "string", "SP entity ID", "The name of this server among identity providers.", default=""),
        row("SP_EXTRA", "nested object", "SP extra", "Further entries of the description of this server.",
            child="field", nullable=True),
        row("SP_PRIVATE_KEY", "string", "SP private key", "The private key of this server.", default="", required=True,
            secret=True, check=checks.private_key),
        row("SP_PUBLIC_CERT", "string", "SP public cert", "The certificate of this server.", default="", required=True,
            check=checks.certificate),
        row("SUPPORT_CONTACT", "nested object", "support contact", "Whom to ask: {givenName, emailAddress}.",
            default={}, required=True, child="field", check=checks.contact),
        row("TEAM_ATTR", "nested object", "team attr",
            "Which attribute names the teams of a user: {saml_attr, remove, team_org_map: [{team, organization, "
            "team_alias, organization_alias}]}.", default={}, child="field", check=checks.team_attribute),
        row("TEAM_MAP", "nested object", "team map", "Which accounts belong to which teams.", child="nested object",
            nullable=True, check=checks.team_map),
        row("TECHNICAL_CONTACT", "nested object", "technical contact", "Whom to ask: {givenName, emailAddress}.",
            default={}, required=True, child="field", check=checks.contact),
        row("USER_FLAGS_BY_ATTR", "nested object", "user flags by attr",
            "Which attributes make superusers and system auditors: {is_superuser_attr, is_superuser_value, "
            "is_superuser_role, remove_superusers, is_system_auditor_attr, is_system_auditor_value, "
            "is_system_auditor_role, remove_system_auditors}.", default={}, child="field",
            check=checks.flag_attributes),
    ),
)  # fmt: skip
