"""Names and passwords that somebody else checks: LDAP, RADIUS, TACACS+, in this order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from . import radius, tacacs
from .accounts import NotOursError, user_of
from .ldap import directory, signin
from .profiles import Profile

log = logging.getLogger(__name__)
# (whether it is configured, the check of a name and password that came from an address)
CHECKS: tuple[tuple[Callable[[], bool], Callable[[str, str, str], Profile | None]], ...] = (
    (directory.enabled, signin.recognise),
    (radius.enabled, radius.recognise),
    (tacacs.enabled, tacacs.recognise),
)


def enabled() -> bool:
    """Whether any of them is configured."""
    return any(configured() for configured, _ in CHECKS)


def sign_in(username: str, password: str, address: str = "") -> Any:
    """The user of a name and password that one of them takes, or None."""
    if "\0" in username or "\0" in password:
        return None
    for configured, recognise in CHECKS:
        profile = recognise(username, password, address) if configured() else None
        if profile is None:
            continue
        try:
            return user_of(profile)
        except NotOursError as error:
            log.warning("a sign-on by %s is refused: %s", profile.provider, error)
    return None
