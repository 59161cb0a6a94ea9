"""host_filter: `name__startswith=web and (groups__name=eu or not (enabled=true))` as a condition on hosts."""

from .errors import FactsLookupError, FilterError
from .query import to_query

__all__ = ["FactsLookupError", "FilterError", "to_query"]
