"""LDAP: one set of settings and five further ones, AUTH_LDAP_1_ to AUTH_LDAP_5_."""

from dataclasses import replace

from apps.conf.registry import Category, Declared, declare

LDAP = Category("ldap", "LDAP")

ROWS = (
    Declared("AUTH_LDAP_BIND_DN", "string", "LDAP bind DN", "", "ldap", default="", acted_on=False),
    Declared(
        "AUTH_LDAP_BIND_PASSWORD",
        "string",
        "LDAP bind password",
        "",
        "ldap",
        default="",
        secret=True,
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_CONNECTION_OPTIONS",
        "nested object",
        "LDAP connection options",
        "",
        "ldap",
        default={"OPT_NETWORK_TIMEOUT": 30, "OPT_REFERRALS": 0},
        child="field",
        acted_on=False,
    ),
    Declared("AUTH_LDAP_DENY_GROUP", "string", "LDAP deny group", "", "ldap", nullable=True, acted_on=False),
    Declared(
        "AUTH_LDAP_GROUP_SEARCH",
        "list",
        "LDAP group search",
        "",
        "ldap",
        default=[],
        child="field",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_GROUP_TYPE",
        "choice",
        "LDAP group type",
        "",
        "ldap",
        default="MemberDNGroupType",
        choices=(
            "PosixGroupType",
            "GroupOfNamesType",
            "GroupOfUniqueNamesType",
            "ActiveDirectoryGroupType",
            "OrganizationalRoleGroupType",
            "MemberDNGroupType",
            "NestedGroupOfNamesType",
            "NestedGroupOfUniqueNamesType",
            "NestedActiveDirectoryGroupType",
            "NestedOrganizationalRoleGroupType",
            "NestedMemberDNGroupType",
            "PosixUIDGroupType",
        ),
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_GROUP_TYPE_PARAMS",
        "nested object",
        "LDAP group type params",
        "",
        "ldap",
        default={"member_attr": "member", "name_attr": "cn"},
        child="field",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_ORGANIZATION_MAP",
        "nested object",
        "LDAP organization map",
        "",
        "ldap",
        default={},
        child="nested object",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_REQUIRE_GROUP",
        "string",
        "LDAP require group",
        "",
        "ldap",
        nullable=True,
        acted_on=False,
    ),
    Declared("AUTH_LDAP_SERVER_URI", "string", "LDAP server URI", "", "ldap", default="", acted_on=False),
    Declared("AUTH_LDAP_START_TLS", "boolean", "LDAP start TLS", "", "ldap", default=False, acted_on=False),
    Declared(
        "AUTH_LDAP_TEAM_MAP",
        "nested object",
        "LDAP team map",
        "",
        "ldap",
        default={},
        child="nested object",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_USER_ATTR_MAP",
        "nested object",
        "LDAP user attr map",
        "",
        "ldap",
        default={},
        child="string",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_USER_DN_TEMPLATE",
        "string",
        "LDAP user DN template",
        "",
        "ldap",
        nullable=True,
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_USER_FLAGS_BY_GROUP",
        "nested object",
        "LDAP user flags by group",
        "",
        "ldap",
        default={},
        child="list",
        acted_on=False,
    ),
    Declared(
        "AUTH_LDAP_USER_SEARCH",
        "list",
        "LDAP user search",
        "",
        "ldap",
        default=[],
        child="field",
        acted_on=False,
    ),
)


def numbered(row: Declared, number: int) -> Declared:
    """The same setting of a further directory."""
    name = row.key.removeprefix("AUTH_LDAP_")
    return replace(row, key=f"AUTH_LDAP_{number}_{name}", label=row.label.replace("LDAP", f"LDAP {number}", 1))


declare(LDAP, (*ROWS, *(numbered(row, number) for number in range(1, 6) for row in ROWS)))
