"""What the settings of SAML ask of their values."""

from __future__ import annotations

import textwrap
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from rest_framework.exceptions import ValidationError

from apps.conf.checks import web_address

from .maps import each, known_keys

NEEDED = ("entity_id", "url")
CERTIFICATES = ("x509cert", "x509certMulti")
ORGANIZATION = {"saml_attr", "saml_admin_attr", "saml_auditor_attr", "remove", "remove_admins", "remove_auditors"}
TEAM = {"saml_attr", "remove", "team_org_map"}
TEAM_ENTRY = {"team", "organization", "team_alias", "organization_alias"}
FLAGS = {f"is_{flag}_{what}" for flag in ("superuser", "system_auditor") for what in ("attr", "value", "role")}
REMOVES = {"remove_superusers", "remove_system_auditors"}


def armoured(value: str, kind: str) -> bytes:
    """A PEM, also of text that came without its first and last line."""
    text = value.strip()
    if "-----BEGIN" not in text:
        lines = "\n".join(textwrap.wrap("".join(text.split()), 64))
        text = f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"
    return f"{text}\n".encode()


def certificate(value: str) -> str:
    """An X.509 certificate, or nothing."""
    if value:
        try:
            x509.load_pem_x509_certificate(armoured(value, "CERTIFICATE"))
        except ValueError as error:
            raise ValidationError(["This is no certificate."]) from error
    return value


def private_key(value: str) -> str:
    """A private key without a passphrase, or nothing."""
    if value:
        try:
            load_pem_private_key(armoured(value, "PRIVATE KEY"), None)
        except (ValueError, TypeError) as error:
            raise ValidationError(["This is no private key, or it has a passphrase."]) from error
    return value


def identity_providers(value: dict[str, Any]) -> dict[str, Any]:
    """{name: what is known of the provider}."""
    for name in value:
        if not name or ":" in name or any(letter.isspace() for letter in name):
            raise ValidationError([f"{name!r}: a name has neither colons nor blanks."])
    each(value, wrong_provider)
    return value


def wrong_provider(options: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a provider's entry, by name."""
    wrong: dict[str, Any] = dict(absent(options, NEEDED))
    if not any(options.get(key) for key in CERTIFICATES):
        wrong["x509cert"] = ["A certificate is needed."]
    for key, check in (("url", web_address), ("x509cert", certificate)):
        if key not in wrong and options.get(key):
            try:
                check(str(options[key]))
            except ValidationError as error:
                wrong[key] = error.detail
    return wrong


def organization_info(value: dict[str, Any]) -> dict[str, Any]:
    """{language: {name, displayname, url}}."""
    each(value, lambda entry: absent(entry, ("name", "displayname", "url")))
    return value


def contact(value: dict[str, Any]) -> dict[str, Any]:
    """{givenName, emailAddress}."""
    missing = absent(value, ("givenName", "emailAddress")) if value else {}
    if missing:
        raise ValidationError(missing)
    return value


def absent(entry: dict[str, Any], needed: tuple[str, ...]) -> dict[str, list[str]]:
    """A complaint for each text that is needed and not there."""
    return {key: ["This text is needed."] for key in needed if not isinstance(entry.get(key), str) or not entry[key]}


def organization_attribute(value: dict[str, Any]) -> dict[str, Any]:
    """Which attributes name organizations."""
    known_keys(value, ORGANIZATION)
    texts_and_switches(value)
    return value


def team_attribute(value: dict[str, Any]) -> dict[str, Any]:
    """Which attribute names teams."""
    known_keys(value, TEAM)
    texts_and_switches({key: said for key, said in value.items() if key != "team_org_map"})
    entries = value.get("team_org_map", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValidationError(["team_org_map is a list of objects."])
    for entry in entries:
        known_keys(entry, TEAM_ENTRY)
        if not all(isinstance(entry.get(key), str) for key in ("team", "organization")):
            raise ValidationError(["Each entry of team_org_map needs team and organization."])
    return value


def flag_attributes(value: dict[str, Any]) -> dict[str, Any]:
    """Which attributes give flags."""
    known_keys(value, FLAGS | REMOVES)
    for key, said in value.items():
        listed = isinstance(said, list) and all(isinstance(text, str) for text in said)
        fits = isinstance(said, bool) if key in REMOVES else isinstance(said, str) or (listed and "attr" not in key)
        if not fits:
            raise ValidationError([f"{key} cannot be read."])
    return value


def texts_and_switches(value: dict[str, Any]) -> None:
    """Names of attributes are text, and what begins with remove is true or false."""
    for key, said in value.items():
        if not isinstance(said, bool if key.startswith("remove") else str):
            raise ValidationError([f"{key} cannot be read."])
