"""Comparisons of facts: `ansible_facts__ansible_lsb__id=Ubuntu`, `ansible_facts__list[]=x`, by the index on facts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.inventory.models import HostFacts

from .errors import FactsLookupError

PREFIX = "ansible_facts"
REFUSED = {
    "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "regex", "iregex",
    "gt", "gte", "lt", "lte", "in", "range", "isnull", "contained_by", "has_key", "has_keys", "has_any_keys",
}  # fmt: skip
WORDS = {"true": True, "false": False, "null": None}


def facts_condition(key: str, text: str, *, quoted: bool) -> Q:
    """The hosts whose facts hold a value at a path; `[]` after a name means: in this list."""
    first, *names = key.split("__")
    if first != PREFIX or not names or not all(name.removesuffix("[]") for name in names):
        raise ValueError(f"{key!r} names no fact; it is written {PREFIX}__name or {PREFIX}__name__part.")
    if names[-1] in REFUSED:
        raise FactsLookupError(f"Facts are compared for equality only; {names[-1]!r} is not possible.")
    if names[-1] == "exact" and len(names) > 1:
        names.pop()
    wanted: Any = text if quoted else plain(text)
    for name in reversed(names):
        wanted = {name.removesuffix("[]"): [wanted] if name.endswith("[]") else wanted}
    return Q(pk__in=HostFacts.objects.filter(data__contains=wanted).values("host_id"))


def plain(text: str) -> Any:
    """The value of an unquoted word: true, false, null, a number, or text."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    return value if abs(value) < float("inf") else text
