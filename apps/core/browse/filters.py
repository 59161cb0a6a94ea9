"""The form above a list: search, order, size of a page, filters by field; and the way to other pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from apps.core.metadata import Metadata

KEPT_APART = ("page", "page_size", "order_by", "search", "format")
SIZES = (25, 50, 100, 200)
ORDERS = (
    "name", "username", "hostname", "id", "status", "created", "modified", "started", "finished", "timestamp",
    "last_job_run", "next_run", "counter", "priority",
)  # fmt: skip
SIGNS = (("", "↑"), ("-", "↓"))


def form(view: Any, request: Any, data: dict[str, Any]) -> dict[str, Any]:
    """What the template needs for the form and the paging controls."""
    params = request.query_params
    given = [(key, text) for key in params if key not in KEPT_APART for text in params.getlist(key)]
    pairs = [(key, text) for key in params for text in params.getlist(key)]
    fields = filterable(view, request)
    order = params.get("order_by", "")
    return {
        "search": params.get("search", ""),
        "can_search": bool(getattr(view, "search", ())),
        "order": order,
        "orders": orders(fields, order),
        "size": params.get("page_size", ""),
        "sizes": SIZES,
        "fields": fields,
        "given": [
            {"key": key, "text": text, "without": without(request.path, pairs, (key, text))} for key, text in given
        ],
        "pages": pages(request, data),
    }


def filterable(view: Any, request: Any) -> list[dict[str, Any]]:
    """The fields that OPTIONS declares as filterable: name, label, type and choices."""
    if not getattr(view, "get_serializer", None):
        return []
    described = Metadata().actions(request, view).get("GET", {})
    return [
        {
            "name": name,
            "label": info.get("label", name),
            "type": info["type"],
            "choices": json.dumps([[str(value), str(label)] for value, label in info.get("choices", ())]),
        }
        for name, info in sorted(described.items())
        if info.get("filterable")
    ]


def orders(fields: list[dict[str, Any]], order: str) -> list[tuple[str, str]]:
    """(value, label) of the usual orders; the one in use is among them, whatever it is."""
    names = {field["name"] for field in fields}
    out = [(f"{sign}{name}", f"{name} {arrow}") for name in ORDERS if name in names for sign, arrow in SIGNS]
    return out if not order or any(order == value for value, _ in out) else [(order, order), *out]


def without(path: str, pairs: list[tuple[str, str]], gone: tuple[str, str]) -> str:
    """The list without one filter, from its first page."""
    kept = [pair for pair in pairs if pair != gone and pair[0] != "page"]
    return f"{path}?{urlencode(kept)}" if kept else path


def pages(request: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Where this page is among the others, and links to its neighbours and to the ends."""
    following, preceding = data.get("next"), data.get("previous")
    number = page_number(following) - 1 if following else page_number(preceding) + 1 if preceding else 1
    pairs = [(k, text) for k in request.query_params for text in request.query_params.getlist(k) if k != "page"]
    return {
        "count": data.get("count"),
        "number": number,
        "next": following,
        "previous": preceding,
        "first": f"{request.path}?{urlencode([*pairs, ('page', 1)])}" if preceding else "",
        "last": f"{request.path}?{urlencode([*pairs, ('page', 'last')])}" if following and "count" in data else "",
    }


def page_number(url: str) -> int:
    """The page that a link of the envelope leads to."""
    return int(dict(parse_qsl(urlsplit(url).query)).get("page", "1"))
