"""count, next, previous, results; `page`, `page_size` up to 200, `count_disabled`."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from . import prepared

DEFAULT_SIZE = 25
MAX_SIZE = 200
MAX_DIGITS = 9  # of a page number or size
UNCOUNTED = {"page", "page_size", "order_by"}  # parameters that change no count

# Counts of so many rows that took so long are kept for a while, the longer the longer they took.
MANY_ROWS, LONG_SECONDS = 20_000, 0.03
KEPT_FOR, MOST_SECONDS = 60, 30.0  # times as long as it took, and at most
MOST_KEPT = 1000
LONG_COUNTS: dict[tuple[Any, ...], tuple[int, float]] = {}


def is_whole(queryset: Any) -> bool:
    """Whether nothing narrows it; where something does, counting first spares a walk in order that may find nothing."""
    query = getattr(queryset, "query", None)  # what is no queryset counts by itself
    return query is not None and not query.where and not query.is_sliced


class Pagination:
    """Numbered pages with relative links whose parameters are sorted, as AWX clients expect.

    `count_disabled=1` skips the COUNT (for very long lists): then `count` is absent and `next` is given
    whenever the page is full.
    """

    display_page_controls = False  # the browsable API's own; `next` and `previous` are links there anyway
    page_size = DEFAULT_SIZE
    max_page_size = MAX_SIZE

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """The rows of the asked page; 404 for a page that is not there."""
        self.request = request
        self.size = self.get_page_size(request)
        self.counted = not request.query_params.get("count_disabled")
        if self.counted and request.query_params.get("page", "1") == "1" and is_whole(queryset):
            return self.first_page(queryset, request)
        total = self.count = self.known_total(queryset, request) if self.counted else 0
        self.pages = max(1, -(-total // self.size))
        self.number = self.get_page_number(request.query_params.get("page", "1"))
        start = (self.number - 1) * self.size
        if self.counted:
            return list(queryset[start : start + self.size]) if total else []
        rows = list(queryset[start : start + self.size + 1])
        self.pages = self.number + (len(rows) > self.size)
        return rows[: self.size]

    def known_total(self, queryset: Any, request: Any) -> int:
        """The count, or for some seconds what a long one gave: nobody waits a second a page for an exact million."""
        if isinstance(queryset, list):
            return len(queryset)
        asked = ((name, *values) for name, values in request.query_params.lists() if name not in UNCOUNTED)
        key = (request.user.pk, request.path, *sorted(asked))
        now = time.monotonic()
        number, until = LONG_COUNTS.get(key, (0, 0.0))
        if now < until:
            return number
        number = self.total(queryset)
        took = time.monotonic() - now
        if number >= MANY_ROWS and took >= LONG_SECONDS:
            while len(LONG_COUNTS) >= MOST_KEPT:
                LONG_COUNTS.pop(next(iter(LONG_COUNTS)), None)
            LONG_COUNTS[key] = (number, now + min(took * KEPT_FOR, MOST_SECONDS))
        return number

    def first_page(self, queryset: Any, request: Any) -> list[Any]:
        """The first rows of a whole table; they are counted by themselves unless they fill the page."""
        rows = prepared.rows(queryset[: self.size])
        self.count = len(rows) if len(rows) < self.size else self.known_total(queryset, request)
        self.pages, self.number = max(1, -(-self.count // self.size)), 1
        return rows

    def total(self, queryset: Any) -> int:
        """How many rows there are; order and joins are dropped, since a count needs neither."""
        if isinstance(queryset, list):
            return len(queryset)
        return queryset.order_by().count()

    def get_page_size(self, request: Any) -> int:
        """The asked size, cut at 200; anything that is not a positive number means the default."""
        asked = request.query_params.get("page_size", "")
        if not asked.isdecimal():
            return self.page_size
        if len(asked) > MAX_DIGITS:
            return self.max_page_size
        return min(int(asked), self.max_page_size) or self.page_size

    def get_page_number(self, asked: str) -> int:
        """A page from 1 to the last; the word `last` is accepted."""
        if asked == "last" and self.counted:
            return self.pages
        number = int(asked) if asked.isdecimal() and len(asked) <= MAX_DIGITS else 0
        if number < 1 or (self.counted and number > self.pages):
            raise NotFound("There is no such page.")
        return number

    def link(self, number: int) -> str:
        """The URL of another page of the same list."""
        params = {k: self.request.query_params.getlist(k) for k in self.request.query_params}
        params["page"] = [str(number)]
        return f"{self.request.path}?{urlencode(sorted(params.items()), doseq=True)}"

    def get_paginated_response(self, data: list[Any]) -> Response:
        """The envelope of every list."""
        body: dict[str, Any] = {"count": self.count} if self.counted else {}
        body["next"] = self.link(self.number + 1) if self.number < self.pages else None
        body["previous"] = self.link(self.number - 1) if self.number > 1 else None
        return Response(body | {"results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The envelope for OpenAPI."""
        link = {"type": "string", "nullable": True}
        return {
            "type": "object",
            "properties": {"count": {"type": "integer"}, "next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The query parameters for OpenAPI."""
        return [
            {"name": name, "in": "query", "required": False, "schema": {"type": "integer"}}
            for name in ("page", "page_size")
        ]
