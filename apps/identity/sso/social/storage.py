"""What the protocols keep for some minutes, each used once: in the shared cache, so that any process can answer."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from social_core.storage import AssociationMixin, BaseStorage, NonceMixin

SECONDS = 1800


def key(*parts: Any) -> str:
    """The cache's name for something."""
    return f"sign-on.{hashlib.sha256(chr(0).join(map(str, parts)).encode()).hexdigest()}"


class Nonces(NonceMixin):
    """States: handed out once, taken back once."""

    @classmethod
    def use(cls, server_url: str, timestamp: Any, salt: str) -> bool:
        """Keep one; False for one that is there already."""
        return bool(cache.add(key("nonce", server_url, timestamp, salt), 1, timeout=SECONDS))

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Take one back; of several who try at a time, one succeeds."""
        return bool(cache.delete(key("nonce", server_url, timestamp, salt)))


class Association(AssociationMixin):
    """A nonce of OpenID Connect, with the state that it belongs to."""

    def __init__(self, name: str, kept: dict[str, Any]) -> None:
        self.id = name
        self.issued, self.lifetime, self.assoc_type = kept["issued"], kept["lifetime"], kept["assoc_type"]

    @classmethod
    def store(cls, server_url: str, association: Any) -> None:
        """Keep one."""
        kept = {name: getattr(association, name) for name in ("issued", "lifetime", "assoc_type")}
        cache.set(key("association", server_url, association.handle), kept, timeout=SECONDS)

    @classmethod
    def get(cls, server_url: str | None = None, handle: str | None = None) -> list[Association]:
        """The one of this name, if it is kept."""
        name = key("association", server_url, handle)
        kept = cache.get(name)
        return [cls(name, kept)] if kept else []

    @classmethod
    def remove(cls, ids_to_delete: list[str]) -> None:
        """Forget some."""
        cache.delete_many(ids_to_delete)


class Storage(BaseStorage):
    """Users and accounts are ours; only these two are kept for the protocols."""

    nonce = Nonces
    association = Association
