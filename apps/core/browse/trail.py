"""The way from the root to a page, as links."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from django.urls import Resolver404, resolve

ROOTS = {"/api/": "API", "/api/v2/": "v2"}
UPPER = {"id", "api", "http", "url", "scm", "ha"}


def words(segment: str) -> str:
    """`job_templates` as `Job templates`."""
    text = unquote(segment).replace("_", " ")
    return text[:1].upper() + text[1:]


def trail(path: str) -> list[dict[str, Any]]:
    """[{label, url}, …]; the last one is the page itself, and what answers at no URL has none."""
    out, so_far = [], "/"
    for segment in path.strip("/").split("/"):
        so_far += f"{segment}/"
        label = ROOTS.get(so_far) or (f"#{segment}" if segment.isdecimal() else words(segment))
        out.append({"label": label, "url": so_far if answers(so_far) else ""})
    out[-1]["url"] = ""
    return out


def answers(path: str) -> bool:
    """Whether something is served at a path."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
