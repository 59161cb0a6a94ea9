"""One directory as its settings describe it: AUTH_LDAP_… and AUTH_LDAP_1_… to AUTH_LDAP_5_…"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.conf import live

PREFIXES = ("AUTH_LDAP_", *(f"AUTH_LDAP_{number}_" for number in range(1, 6)))
SCOPES = {"SCOPE_BASE": "BASE", "SCOPE_ONELEVEL": "LEVEL", "SCOPE_SUBTREE": "SUBTREE", "SCOPE_SUBORDINATE": "SUBTREE"}


@dataclass(frozen=True)
class Search:
    """Where to look, how deep, and for what."""

    base: str
    scope: str
    filter: str


def searches(value: Any) -> tuple[Search, ...]:
    """A search [base, scope, filter], or a list of such."""
    rows = [] if not value else [value] if isinstance(value[0], str) else value
    return tuple(Search(base, SCOPES.get(scope, "SUBTREE"), found) for base, scope, found in rows)


@dataclass(frozen=True)
class Directory:
    """The settings of one directory, as they are now."""

    name: str
    servers: tuple[str, ...]
    start_tls: bool
    bind_dn: str
    bind_password: str
    options: dict[str, Any]
    user_searches: tuple[Search, ...]
    user_dn_template: str
    group_searches: tuple[Search, ...]
    group_type: str
    group_params: dict[str, Any]
    require_group: str
    deny_group: str
    attributes: dict[str, str]
    flags: dict[str, Any]
    organization_map: dict[str, Any]
    team_map: dict[str, Any]


def read(prefix: str) -> Directory:
    """The directory of one family of settings."""
    value = partial(setting, prefix)
    return Directory(
        name=prefix.rstrip("_"),
        servers=tuple(re.split(r"[,\s]+", value("SERVER_URI").strip())),
        start_tls=bool(value("START_TLS")),
        bind_dn=value("BIND_DN") or "",
        bind_password=value("BIND_PASSWORD") or "",
        options=value("CONNECTION_OPTIONS") or {},
        user_searches=searches(value("USER_SEARCH")),
        user_dn_template=value("USER_DN_TEMPLATE") or "",
        group_searches=searches(value("GROUP_SEARCH")),
        group_type=value("GROUP_TYPE") or "MemberDNGroupType",
        group_params=value("GROUP_TYPE_PARAMS") or {},
        require_group=value("REQUIRE_GROUP") or "",
        deny_group=value("DENY_GROUP") or "",
        attributes=value("USER_ATTR_MAP") or {},
        flags=value("USER_FLAGS_BY_GROUP") or {},
        organization_map=value("ORGANIZATION_MAP") or {},
        team_map=value("TEAM_MAP") or {},
    )


def setting(prefix: str, name: str) -> Any:
    """One setting of a family."""
    return live.get(f"{prefix}{name}")


def enabled() -> bool:
    """Whether any directory is configured."""
    return any(setting(prefix, "SERVER_URI") for prefix in PREFIXES)


def directories() -> Iterator[Directory]:
    """Every configured directory, in the order in which they are asked."""
    for prefix in PREFIXES:
        if setting(prefix, "SERVER_URI"):
            yield read(prefix)
