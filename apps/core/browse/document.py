"""A JSON document as HTML: every text escaped, paths of the API as links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

LINK = re.compile(r"/api/(?:v2|o|controller|gateway)/[\w\-./~%?=&+:,@]*", re.ASCII)
STEP = "  "
PLAIN_FROM = 3_000_000  # characters: a longer document is shown without links and colours


def render(text: str) -> SafeString:
    """The markup of a JSON text; every piece of it is escaped here."""
    if len(text) > PLAIN_FROM:
        return mark_safe(escape(text))  # noqa: S308
    return mark_safe("".join(markup(json.loads(text), "\n")))  # noqa: S308


def markup(value: Any, line: str) -> Iterator[str]:
    """The pieces of one value; `line` is the line break with the indentation so far."""
    if isinstance(value, dict) and value:
        yield "{"
        yield from items(((key, item) for key, item in value.items()), line + STEP)
        yield f"{line}}}"
    elif isinstance(value, list) and value:
        yield "["
        yield from items(((None, item) for item in value), line + STEP)
        yield f"{line}]"
    else:
        yield scalar(value)


def items(pairs: Iterator[tuple[Any, Any]], line: str) -> Iterator[str]:
    """The members of an object (with keys) or a list (without), one on a line."""
    comma = ""
    for key, item in pairs:
        yield comma + line
        if key is not None:
            yield f'<span class="k">{quoted(key)}</span>: '
        yield from markup(item, line)
        comma = ","


def scalar(value: Any) -> str:
    """A text, a number, a word or an empty container."""
    if isinstance(value, str):
        if is_link(value):
            return f'<a href="{escape(value)}">{quoted(value)}</a>'
        return f'<span class="s">{quoted(value)}</span>'
    kind = "n" if isinstance(value, int | float) and not isinstance(value, bool) else "w"
    return f'<span class="{kind}">{escape(json.dumps(value))}</span>'


def quoted(text: str) -> str:
    """A JSON string, escaped for HTML."""
    return escape(json.dumps(text, ensure_ascii=False), quote=False)


def is_link(text: str) -> bool:
    """Whether a text is a path of the API, so that it may be a link: no other address ever is one."""
    return text.startswith("/api/") and LINK.fullmatch(text) is not None and ".." not in text and "logout" not in text
