"""What the plugins share: errors, and addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from apps.core.outbound import Refused


class LookupFailed(Exception):  # noqa: N818
    """The secret could not be fetched; the sentence says why, without the secret."""


def join(base: str, *parts: str) -> str:
    """An address below `base`; each part is quoted, a slash within a part stays."""
    if any(piece in (".", "..") for part in parts for piece in str(part).split("/")):
        raise LookupFailed("A path may not contain . or .. as a part.")
    return "/".join([base.rstrip("/"), *(quote(str(part).strip("/"), safe="/") for part in parts if part)])


def pick(found: Any, name: str, what: str) -> str:
    """One entry of a mapping as text; LookupFailed where it is not there."""
    if not isinstance(found, dict) or name not in found:
        raise LookupFailed(f"There is no {name!r} in {what}.")
    value = found[name]
    return value if isinstance(value, str) else str(value)


__all__ = ["LookupFailed", "Refused", "join", "pick"]
