"""What a provider says of someone whom it has recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = ("first_name", "last_name", "email")
FLAGS = ("is_superuser", "is_system_auditor")


def nothing(user: Any) -> None:
    """No memberships follow from the sign-on."""


@dataclass(frozen=True)
class Profile:
    """Someone as a provider knows him."""

    provider: str  # ldap, radius, tacacs+, oidc, github, …
    source: str  # what `external_account` shows: ldap, enterprise, social
    username: str
    uid: str  # how the provider names the account, for ever
    fields: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    dn: str = ""
    new: bool = True  # whether an account may be made for someone who comes for the first time
    join: Callable[[Any], None] = nothing  # (user): brings organizations and teams up to date
