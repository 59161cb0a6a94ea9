"""LDAP: one set of settings and five further ones, AUTH_LDAP_1_ to AUTH_LDAP_5_."""

from dataclasses import replace
from typing import Any

from apps.conf import signon_checks as checks
from apps.conf.registry import Category, Declared, declare

LDAP = Category("ldap", "LDAP")
GROUP_TYPES = (
    "PosixGroupType", "GroupOfNamesType", "GroupOfUniqueNamesType", "ActiveDirectoryGroupType",
    "OrganizationalRoleGroupType", "MemberDNGroupType", "NestedGroupOfNamesType", "NestedGroupOfUniqueNamesType",
    "NestedActiveDirectoryGroupType", "NestedOrganizationalRoleGroupType", "NestedMemberDNGroupType",
    "PosixUIDGroupType",
)  # fmt: skip


def row(name: str, kind: str, label: str, text: str, **further: Any) -> Declared:
    """One setting of the first directory."""
    return Declared(f"AUTH_LDAP_{name}", kind, f"LDAP {label}", text, "ldap", **further)


ROWS = (
    row("BIND_DN", "string", "bind DN", "The account that searches; empty: nobody in particular.", default="",
        check=checks.dn),
    row("BIND_PASSWORD", "string", "bind password", "The password of the account that searches.", default="",
        secret=True),
    row("CONNECTION_OPTIONS", "nested object", "connection options",
        "Options of the connection: OPT_NETWORK_TIMEOUT and OPT_TIMEOUT in seconds, OPT_X_TLS_CACERTFILE, "
        "OPT_X_TLS_CACERTDIR, OPT_X_TLS_CERTFILE, OPT_X_TLS_KEYFILE, and OPT_X_TLS_REQUIRE_CERT, where 0 switches the "
        "check of the certificate off. Referrals are never followed.",
        default={"OPT_NETWORK_TIMEOUT": 30, "OPT_REFERRALS": 0}, child="field", check=checks.connection_options),
    row("DENY_GROUP", "string", "deny group", "The DN of a group whose members may not log in.", nullable=True,
        check=checks.dn),
    row("GROUP_SEARCH", "list", "group search", "Where groups are: [base, scope, filter], or a list of these.",
        default=[], child="field", check=checks.group_search),
    row("GROUP_TYPE", "choice", "group type", "How groups name their members.", default="MemberDNGroupType",
        choices=GROUP_TYPES),
    row("GROUP_TYPE_PARAMS", "nested object", "group type params",
        "The attributes that the group type reads: member_attr, name_attr, ldap_group_user_attr.",
        default={"member_attr": "member", "name_attr": "cn"}, child="field", check=checks.group_params),
    row("ORGANIZATION_MAP", "nested object", "organization map",
        "Which groups make members, admins and auditors of which organization: {name: {users, admins, auditors, "
        "remove_users, remove_admins, remove_auditors}}.", default={}, child="nested object",
        check=checks.organization_map),
    row("REQUIRE_GROUP", "string", "require group", "The DN of the group whose members alone may log in.",
        nullable=True, check=checks.dn),
    row("SERVER_URI", "string", "server URI", "ldap:// or ldaps:// addresses, apart by commas; empty: not in use.",
        default="", check=checks.servers),
    row("START_TLS", "boolean", "start TLS", "Whether connections to ldap:// addresses become encrypted.",
        default=False),
    row("TEAM_MAP", "nested object", "team map",
        "Which groups make members of which team: {name: {organization, users, remove}}.", default={},
        child="nested object", check=checks.team_map),
    row("USER_ATTR_MAP", "nested object", "user attr map",
        "Which attributes hold first_name, last_name and email.", default={}, child="string",
        check=checks.attribute_map),
    row("USER_DN_TEMPLATE", "string", "user DN template", "The DN of a user, with %(user)s for his name.",
        nullable=True, check=checks.dn_template),
    row("USER_FLAGS_BY_GROUP", "nested object", "user flags by group",
        "Which groups give is_superuser and is_system_auditor; whoever leaves them loses the flag.", default={},
        child="list", check=checks.flags),
    row("USER_SEARCH", "list", "user search",
        "Where users are: [base, scope, filter with %(user)s], or a list of these.", default=[], child="field",
        check=checks.user_search),
)  # fmt: skip


def numbered(first: Declared, number: int) -> Declared:
    """The same setting of a further directory."""
    name = first.key.removeprefix("AUTH_LDAP_")
    return replace(first, key=f"AUTH_LDAP_{number}_{name}", label=first.label.replace("LDAP", f"LDAP {number}", 1))


declare(LDAP, (*ROWS, *(numbered(first, number) for number in range(1, 6) for first in ROWS)))
