"""The filter backend of every list."""

from __future__ import annotations

import shlex
from typing import Any

from django.db.models import Q
from rest_framework.exceptions import ValidationError

from apps.core import registry

from . import conditions, paths, types, values

RESERVED = {
    "page", "page_size", "format", "order", "order_by", "search", "type", "host_filter", "count_disabled",
    "no_truncate", "limit", "validate", "role_level", "follow",
}  # fmt: skip


class Conditions:
    """What one query string asks: conditions that hold together, alternatives, and separate steps."""

    def __init__(self) -> None:
        self.together: list[Q] = []
        self.either: list[Q] = []
        self.steps: list[Q] = []
        self.many = False

    def apply(self, queryset: Any) -> Any:
        """Filter; distinct only where a relation could repeat rows."""
        if self.either:
            alternatives = Q()
            for q in self.either:
                alternatives |= q
            self.together.append(alternatives)
        if self.together:
            queryset = queryset.filter(*self.together)
        for step in self.steps:
            queryset = queryset.filter(step)
        return queryset.distinct() if self.many else queryset


class FilterBackend:
    """Reads the query string of a list; every refusal names the parameter."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Narrow and order the list."""
        params = request.query_params
        if "type" in params:
            queryset = view.filter_types(queryset, [t.strip() for t in params.get("type").split(",")])
        if "role_level" in params:
            queryset = self.by_role(request.user, queryset, params.get("role_level"))
        asked = self.read(request, queryset.model, view)
        queryset = asked.apply(queryset)
        for words in params.getlist("search"):
            queryset = self.search(queryset, view, words)
        return self.order(request.user, queryset, params.getlist("order_by"))

    def read(self, request: Any, model: Any, view: Any) -> Conditions:
        """Parse every parameter that is not reserved."""
        asked = Conditions()
        reserved = RESERVED | set(getattr(view, "reserved_params", ()))
        related_terms: list[Q] = []
        for key in request.query_params:
            if key in reserved:
                continue
            for text in request.query_params.getlist(key):
                if key.endswith("__search"):
                    related_terms.append(self.related_search(request.user, model, key, text))
                    asked.many = True
                else:
                    self.add(asked, request.user, model, key, text)
        if related_terms:
            either = Q()
            for q in related_terms:
                either |= q
            asked.together.append(either)
        return asked

    def add(self, asked: Conditions, user: Any, model: Any, key: str, text: str) -> None:
        """One `key=text`: prefixes say how it combines, the rest is a path."""
        name, target = key, asked.together
        if name.startswith("chain__"):
            name, target = name[7:], asked.steps
        elif name.startswith("or__"):
            name, target = name[4:], asked.either
        negated = name.startswith("not__")
        name = name[5:] if negated else name
        as_int = name.endswith("__int")
        name = name[:-5] if as_int else name
        path = paths.parse(model, name)
        try:
            if path.is_type:
                path, value = types.matching(path, text)
            else:
                value = values.number(text) if as_int else values.convert(path.field, path.lookup, text)
        except ValueError as error:
            raise ValidationError({"detail": f"{key}: {error}"}) from error
        q = conditions.condition(user, path, value)
        target.append(~q if negated else q)
        asked.many = asked.many or path.multiplies

    def related_search(self, user: Any, model: Any, key: str, text: str) -> Q:
        """`organization__search=a,b`: all terms in any of the related object's search fields."""
        name = key.removesuffix("__search")
        path = paths.parse(model, name)
        if not path.field.is_relation or path.field.related_model is None:
            raise paths.unknown(key)
        target = path.field.related_model
        resource = registry.find_model(target)
        if resource is None:
            raise paths.unknown(key)
        rows = conditions.visible(user, target)
        for term in text.split(","):
            rows = rows.filter(self.any_field(resource.search, term))
        return conditions.through(user, path.hops, Q(**{f"{path.field_name}__in": rows.values("pk")}))

    @staticmethod
    def any_field(names: tuple[str, ...], term: str) -> Q:
        """Any of the fields holds the term."""
        out = Q()
        for name in names:
            out |= Q(**{f"{name}__icontains": term})
        return out

    def search(self, queryset: Any, view: Any, words: str) -> Any:
        """`search=a b,"c d"`: every term in some search field."""
        lexer = shlex.shlex(words.replace("\0", "").replace("'", "\\'"), posix=True)
        lexer.whitespace += ","
        lexer.whitespace_split = True
        lexer.commenters = ""
        try:
            terms = list(lexer)
        except ValueError:
            terms = words.replace(",", " ").split()
        for term in terms:
            queryset = queryset.filter(self.any_field(view.search, term))
        return queryset

    def order(self, user: Any, queryset: Any, asked: list[str]) -> Any:
        """`order_by=-a,b`: the last one given wins; the primary key makes the order total."""
        if not asked or not asked[-1]:
            return queryset
        keys: list[Any] = []
        total = False
        for key in asked[-1].split(","):
            name = key.removeprefix("-")
            if name == "type":
                kinds = paths.has_types(queryset.model)
                keys += [key.replace("type", "polymorphic_ctype__model")] if kinds else []
                continue
            path = paths.parse(queryset.model, name, ordering=True)
            if path.multiplies:
                raise paths.unknown(key)
            keys.append(conditions.ordered_by(user, path, descending=key.startswith("-")))
            total = total or (not path.hops and getattr(path.field, "primary_key", False))
        if not total:
            keys.append("pk")
        return queryset.order_by(*keys)

    def by_role(self, user: Any, queryset: Any, role_field: str) -> Any:
        """`role_level=use_role`: the rows on which the user holds at least this role."""
        holding = getattr(queryset, "with_role", None)
        if holding is None or role_field not in getattr(queryset.model, "role_fields", {}):
            raise ValidationError({"role_level": [f"{role_field!r} is no role of this list's objects."]})
        return queryset if user.is_superuser else holding(user, role_field)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For OpenAPI: the parameters that every list takes."""
        named = [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
            for name in ("search", "order_by")
        ]
        fields = {
            "name": "filters",
            "in": "query",
            "required": False,
            "description": "Fields with their lookups: `name__icontains=web`, `or__`, `not__`, `chain__` before them.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "style": "form",
            "explode": True,
        }
        return [*named, fields]
