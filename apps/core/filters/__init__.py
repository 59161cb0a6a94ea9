"""Query parameters to conditions: field__lookup, not__, or__, chain__, search, rel__search, role_level, order_by."""

from .backend import FilterBackend
from .types import filter_type

__all__ = ["FilterBackend", "filter_type"]
