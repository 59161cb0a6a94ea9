"""Whom the maps of social sign-ons mean: usernames, email addresses, and patterns of either."""

from __future__ import annotations

import re
from typing import Any

from apps.conf.signon_checks import PATTERN
from apps.identity.sso.maps import Matches

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE}


def matcher(user: Any) -> Matches:
    """How a map reads for one user."""
    names = [name for name in (user.username, user.email) if name]

    def matches(said: Any) -> bool | None:
        if said is None or isinstance(said, bool):
            return said
        return any(fits(text, names) for text in ([said] if isinstance(said, str) else said))

    return matches


def fits(text: str, names: list[str]) -> bool:
    """Whether a name, or a pattern /…/ with its flags, means one of the names."""
    found = PATTERN.match(text)
    if found is None:
        return text in names
    flags = 0
    for letter in found["flags"]:
        flags |= FLAGS[letter]
    pattern = re.compile(found["pattern"], flags)
    return any(pattern.match(name) for name in names)
