"""Named URLs: /api/v2/teams/ops++Default/ for /api/v2/teams/7/.

Groups of values are joined by `++`, values within a group by `+`; a `+` in a value is written `[+]`.
`Resource.named_by` lists the groups: (("name",), ("organization__name",)).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import prefixes, registry

RESERVED = {c: f"%{ord(c):02X}" for c in ";/?:@=&[]"}
PATH = re.compile(r"^/api/v2/(?P<slug>[a-z_]+)/(?P<name>[^/]+)/(?P<rest>.*)$", re.DOTALL)


def escape(value: str) -> str:
    """A value as it stands in a named URL."""
    quoted = "".join(RESERVED.get(c, c) for c in value)
    return quoted.replace("+", "[+]")


def identifier(obj: Any, resource: Any) -> str:
    """The name of an object in URLs, or nothing where it has none."""
    groups = []
    for group in resource.named_by:
        values = []
        for path in group:
            value = obj
            for part in path.split("__"):
                value = getattr(value, part, None) if value is not None else None
            values.append(escape(str(value)) if value is not None else "")
        groups.append("+".join(values) if any(values) else "")
    return "++".join(groups) if groups and groups[0] else ""


def parse(name: str) -> list[list[str]]:
    """The groups of values in a named URL."""
    guarded = name.replace("[+]", "\0")
    return [[value.replace("\0", "+") for value in group.split("+")] for group in guarded.split("++")]


def lookup(resource: Any, name: str) -> dict[str, Any] | None:
    """The ORM condition for a name, or None where the name has not the resource's form."""
    groups = parse(name)
    if resource.named_short and len(groups) == 1 and len(resource.named_by) > 1:
        return {resource.named_by[0][0]: groups[0][0]} if len(groups[0]) == 1 else None
    if len(groups) != len(resource.named_by):
        return None
    out: dict[str, Any] = {}
    for group, paths in zip(groups, resource.named_by, strict=True):
        if group == [""]:
            out[f"{paths[0].rpartition('__')[0]}__isnull"] = True
        elif len(group) != len(paths):
            return None
        else:
            out |= dict(zip(paths, group, strict=True))
    return None if any(key.startswith("__") for key in out) else out


class NamedURLMiddleware:
    """Turns the name in a path into the id before the URL is resolved; an unknown name becomes id 0 (404)."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Rewrite the path where it holds a name."""
        found = PATH.match(request.path_info)
        if found and not found["name"].isdecimal():
            pk = self.resolve(found["slug"], found["name"], found["rest"])
            if pk is not None:
                request.path_info = f"{prefixes.ROOT}{found['slug']}/{pk}/{found['rest']}"
                request.named_url = True
        return self.get_response(request)

    @staticmethod
    def resolve(slug: str, name: str, rest: str) -> int | None:
        """The id behind a name; 0 where there is none; None where the path is no named URL."""
        if any(page.route.startswith(f"{slug}/{name}/") for page in registry.pages()):
            return None
        try:
            resource = registry.by_slug(slug)
        except KeyError:
            return None
        if not resource.named_by or "\0" in name:
            return None
        condition = lookup(resource, name)
        if condition is None:
            return 0
        return resource.rows().filter(**condition).order_by("pk").values_list("pk", flat=True).first() or 0
