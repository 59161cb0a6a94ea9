"""What the settings of sign-ons ask of their values: each check returns the value, or raises ValidationError."""

from .ldap import (
    attribute_map,
    connection_options,
    dn,
    dn_template,
    flags,
    group_params,
    group_search,
    servers,
    user_search,
)
from .maps import PATTERN, host, organization_map, team_map
from .saml import (
    certificate,
    contact,
    flag_attributes,
    identity_providers,
    organization_attribute,
    organization_info,
    private_key,
    team_attribute,
)

__all__ = [
    "PATTERN",
    "attribute_map",
    "certificate",
    "connection_options",
    "contact",
    "dn",
    "dn_template",
    "flag_attributes",
    "flags",
    "group_params",
    "group_search",
    "host",
    "identity_providers",
    "organization_attribute",
    "organization_info",
    "organization_map",
    "private_key",
    "servers",
    "team_attribute",
    "team_map",
    "user_search",
]
