"""What of an external user cannot be changed here, because the next sign-on would write it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from . import radius, tacacs
from .ldap import directory
from .ldap.directory import PREFIXES, setting
from .social import providers


def check_external(user: Any, changes: Mapping[str, Any], *, password: bool) -> None:
    """Raise ValidationError for a password where none is kept, and for what a directory keeps."""
    if not user.external_source:
        return
    wrong = {name: kept(name) for name in written(user) if name in changes and changes[name] != getattr(user, name)}
    if password and not user.has_usable_password() and in_use(user.external_source):
        wrong["password"] = kept("password")
    if wrong:
        raise ValidationError(wrong)


def in_use(source: str) -> bool:
    """Whether any sign-on of a kind is configured: once none is, a password may be set, and nobody is locked out."""
    if source == "ldap":
        return directory.enabled()
    if source == "enterprise":
        return radius.enabled() or tacacs.enabled()
    return any(True for _ in providers.enabled())


def kept(name: str) -> list[str]:
    """The refusal."""
    return [f"The {name} of this user is kept by the sign-on that made the account."]


def written(user: Any) -> set[str]:
    """The fields that a directory writes at every sign-on; a directory that is not configured writes none."""
    if user.external_source != "ldap":
        return set()
    out: set[str] = set()
    for prefix in PREFIXES:
        if setting(prefix, "SERVER_URI"):
            maps = (setting(prefix, "USER_ATTR_MAP") or {}, setting(prefix, "USER_FLAGS_BY_GROUP") or {})
            out |= {"username"}.union(*maps)
    return out
