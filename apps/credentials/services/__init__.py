"""What credentials do: types and first credentials, looking values up, giving them to jobs."""

from __future__ import annotations

from .injection import inject, passwords_needed
from .preload import preload
from .types import sync_managed_types

__all__ = ["inject", "passwords_needed", "preload", "sync_managed_types"]
