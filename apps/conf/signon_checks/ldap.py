"""What the settings of directories ask of their values."""

from __future__ import annotations

import re
from typing import Any

from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import parse_filter
from ldap3.utils.dn import parse_dn
from rest_framework.exceptions import ValidationError

from apps.core.addresses import parts_of

from .maps import known_keys

SCOPES = ("SCOPE_BASE", "SCOPE_ONELEVEL", "SCOPE_SUBTREE", "SCOPE_SUBORDINATE")
USER = "%(user)s"
PERSON = {"first_name", "last_name", "email"}
FLAGS = {"is_superuser", "is_system_auditor"}
PLAIN = (
    "API_FEATURE_INFO API_INFO CLIENT_CONTROLS CONNECT_ASYNC DEBUG_LEVEL DEFBASE DEREF DESC DIAGNOSTIC_MESSAGE "
    "ERROR_NUMBER ERROR_STRING HOST_NAME KEEPALIVE_IDLE KEEPALIVE_INTERVAL KEEPALIVE_PROBES MATCHED_DN NETWORK_TIMEOUT "
    "PROTOCOL_VERSION REFERRALS REFHOPLIMIT RESTART RESULT_CODE SERVER_CONTROLS SIZELIMIT SUCCESS TIMELIMIT TIMEOUT "
    "TCP_USER_TIMEOUT URI X_KEEPALIVE_IDLE X_KEEPALIVE_INTERVAL X_KEEPALIVE_PROBES"
)
SASL = "AUTHCID AUTHZID MECH NOCANON REALM SECPROPS SSF SSF_EXTERNAL SSF_MAX SSF_MIN USERNAME"
TLS = (
    "ALLOW CACERTDIR CACERTFILE CERTFILE CIPHER CIPHER_SUITE CRLCHECK CRLFILE CRL_ALL CRL_NONE CRL_PEER CTX DEMAND "
    "DHFILE ECNAME HARD KEYFILE NEVER NEWCTX PACKAGE PEERCERT PROTOCOL_MAX PROTOCOL_MIN RANDOM_FILE REQUIRE_CERT "
    "REQUIRE_SAN SSL TRY VERSION"
)
OPTIONS = {f"OPT_{name}" for name in PLAIN.split()}
OPTIONS |= (
    {"OPT_X_TLS"} | {f"OPT_X_SASL_{name}" for name in SASL.split()} | {f"OPT_X_TLS_{name}" for name in TLS.split()}
)
GROUP_PARAMS = {"name_attr", "member_attr", "ldap_group_user_attr"}


def servers(value: str) -> str:
    """ldap:// and ldaps:// addresses, apart by commas or spaces."""
    for uri in filter(None, re.split(r"[,\s]+", value)):
        parts = parts_of(uri)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or not port_fits(parts):
            raise ValidationError([f"{uri!r} is no address such as ldap://host:389 or ldaps://host."])
    return value


def port_fits(parts: Any) -> bool:
    """Whether the port of an address is a number that ports can have."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def dn(value: str) -> str:
    """A distinguished name, or nothing."""
    if value:
        try:
            parse_dn(value)
        except LDAPException as error:
            raise ValidationError([f"{value!r} is no distinguished name."]) from error
    return value


def dn_template(value: str) -> str:
    """A distinguished name with a place for the username."""
    if value:
        if USER not in value:
            raise ValidationError([f"The template needs {USER}, which stands for the username."])
        dn(value.replace(USER, "user"))
    return value


def group_search(value: list[Any]) -> list[Any]:
    """[base, scope, filter], or several of these."""
    for row in rows_of(value):
        check_search(row)
    return value


def user_search(value: list[Any]) -> list[Any]:
    """[base, scope, filter with a place for the username], or several of these."""
    for row in rows_of(value):
        check_search(row)
        if USER not in row[2]:
            raise ValidationError([f"The filter needs {USER}, which stands for the username."])
    return value


def rows_of(value: list[Any]) -> list[Any]:
    """The searches of a value."""
    return [] if not value else [value] if isinstance(value[0], str) else value


def check_search(row: Any) -> None:
    """One search."""
    if not isinstance(row, list) or len(row) != 3 or not all(isinstance(text, str) for text in row):  # noqa: PLR2004
        raise ValidationError(["A search is a list of three texts: base, scope, filter."])
    base, scope, found = row
    dn(base)
    if scope not in SCOPES:
        raise ValidationError([f"The scope is one of {', '.join(SCOPES)}."])
    try:
        parse_filter(found.replace(USER, "user"), None, True, True, None, False)  # noqa: FBT003
    except LDAPException as error:
        raise ValidationError([f"{found!r} is no filter."]) from error


def attribute_map(value: dict[str, str]) -> dict[str, str]:
    """{field of the user: attribute of the directory}."""
    known_keys(value, PERSON)
    return value


def flags(value: dict[str, Any]) -> dict[str, Any]:
    """{flag of the user: groups}."""
    known_keys(value, FLAGS)
    for groups in value.values():
        for group in groups:
            dn(group)
    return value


def group_params(value: dict[str, Any]) -> dict[str, Any]:
    """The attributes that the group type reads."""
    known_keys(value, GROUP_PARAMS)
    if not all(isinstance(name, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9;-]*", name) for name in value.values()):
        raise ValidationError(["Attributes are named by letters, digits and hyphens."])
    return value


def connection_options(value: dict[str, Any]) -> dict[str, Any]:
    """Options by the names that OpenLDAP gives them."""
    wrong = [name for name, v in value.items() if name not in OPTIONS or not isinstance(v, int | float | str)]
    if wrong:
        raise ValidationError([f"These are no options: {', '.join(sorted(wrong))}."])
    return value
