"""Rules about several settings at once; what breaks one is refused under `__all__`, whichever page it came by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from . import backends, live
from .checks import origins

Values = Mapping[str, Any]


def after(changes: Values, key: str) -> Any:
    """What a setting will be once the changes are made."""
    return changes[key] if key in changes else live.get(key)


def local_accounts(changes: Values) -> list[str]:
    """Local passwords may be refused only where people can log in some other way."""
    if not changes.get("DISABLE_LOCAL_AUTH"):
        return []
    others = backends.BACKENDS.values()
    if any(all(after(changes, key) for key in needed) for needed in others):
        return []
    return ["No other way to log in is configured."]


def collector(changes: Values) -> list[str]:
    """Logs are sent somewhere, in a known form."""
    if not changes.get("LOG_AGGREGATOR_ENABLED"):
        return []
    needed = ("LOG_AGGREGATOR_HOST", "LOG_AGGREGATOR_TYPE")
    return [f"{key} is needed to send logs." for key in needed if not after(changes, key)]


def shared_secret(changes: Values) -> list[str]:
    """A TACACS+ server is asked with a secret."""
    if not {"TACACSPLUS_HOST", "TACACSPLUS_SECRET"} & set(changes):
        return []
    alone = after(changes, "TACACSPLUS_HOST") and not after(changes, "TACACSPLUS_SECRET")
    return ["TACACSPLUS_SECRET is needed with TACACSPLUS_HOST."] if alone else []


def trusted_origins(changes: Values) -> list[str]:
    """Origins are those that Django can compare."""
    try:
        origins(changes.get("CSRF_TRUSTED_ORIGINS") or [])
    except ValidationError as error:
        return [str(text) for text in error.detail]
    return []


RULES: tuple[Callable[[Values], list[str]], ...] = (local_accounts, collector, shared_secret, trusted_origins)


def check(changes: Values) -> None:
    """Raise ValidationError for what does not fit together."""
    wrong = [text for rule in RULES for text in rule(changes)]
    if wrong:
        raise ValidationError({"__all__": wrong})
