"""A filter's tree as a condition on hosts.

Every comparison over a relation to many is a sub-query of its own, so that `groups__name=a and groups__name=b` finds
the hosts that are in both groups.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoDenied
from django.db.models import Q
from rest_framework.exceptions import APIException

from apps.core import registry
from apps.core.filters import conditions, paths, values
from apps.inventory.models import Host

from .errors import FilterError
from .facts import PREFIX, facts_condition
from .parser import Node, Not, Several, Term, parse


def to_query(text: str, user: Any = None) -> Q:
    """The condition that a filter states; with a user, only related rows that he sees count."""
    return Query(text, user).of(parse(text))


class Query:
    """Turns nodes into conditions; knows the text, for errors, and who asks."""

    def __init__(self, text: str, user: Any) -> None:
        self.text, self.user = text, user

    def of(self, node: Node) -> Q:
        """The condition of any node."""
        if isinstance(node, Not):
            return Q(pk__in=Host.objects.exclude(self.of(node.part)).order_by().values("pk"))
        if isinstance(node, Several):
            out = self.of(node.parts[0])
            for part in node.parts[1:]:
                out = out & self.of(part) if node.operator == "and" else out | self.of(part)
            return out
        try:
            return self.term(node)
        except (APIException, DjangoDenied, ValueError) as error:
            if isinstance(error, FilterError):
                raise
            raise FilterError.at(sentence(error), self.text, node.place) from error

    def term(self, term: Term) -> Q:
        """One comparison: of facts, by search, or of a column."""
        if "\0" in term.value:
            raise ValueError("Text cannot hold a null character.")
        if term.key.startswith(PREFIX):
            return facts_condition(term.key, term.value, quoted=term.quoted)
        if term.key == "search":
            return any_of(registry.for_model(Host).search, term.value)
        if term.key.endswith("__search"):
            return self.related_search(term)
        path = paths.parse(Host, term.key)
        return self.compare(path, values.convert(path.field, path.lookup, term.value))

    def compare(self, path: paths.Path, value: Any) -> Q:
        """A comparison of a column of hosts, or of something related."""
        if self.user is not None:
            condition = conditions.condition(self.user, path, value)
        else:
            condition = Q(**{f"{path.orm}__{path.lookup}": value})
        return Q(pk__in=Host.objects.filter(condition).order_by().values("pk")) if path.multiplies else condition

    def related_search(self, term: Term) -> Q:
        """`inventory__search=x`: the text in any search field of what the relation leads to."""
        path = paths.parse(Host, term.key.removesuffix("__search"))
        target = path.field.related_model if path.field.is_relation else None
        resource = registry.find_model(target) if target else None
        if resource is None:
            raise ValueError(f"{term.key!r} names no relation that can be searched.")
        rows = conditions.visible(self.user, target) if self.user is not None else target._base_manager.order_by()
        found = rows.filter(any_of(resource.search, term.value)).values("pk")
        return Q(pk__in=Host.objects.filter(**{f"{path.orm}__in": found}).order_by().values("pk"))


def any_of(names: tuple[str, ...], value: str) -> Q:
    """The text in any of some columns."""
    out = Q()
    for name in names:
        out |= Q(**{f"{name}__icontains": value})
    return out


def sentence(error: Exception) -> str:
    """What an exception says."""
    detail = getattr(error, "detail", None)
    if isinstance(detail, dict):
        detail = next(iter(detail.values()))
    if isinstance(detail, list):
        detail = detail[0]
    return str(detail or error)
