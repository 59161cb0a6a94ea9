"""NAMED_URL_FORMATS and NAMED_URL_GRAPH_NODES, read from the resources' own declarations."""

from __future__ import annotations

from typing import Any

from apps.core import registry


def shown(path: str) -> str:
    """A path as the formats tell it: the last relation and its field."""
    return ".".join(path.split("__")[-2:])


def formats() -> dict[str, str]:
    """slug -> how its objects are named: {"teams": "<name>++<organization.name>"}."""
    out = {}
    for resource in registry.resources():
        if resource.named_by and resource.has_detail:
            groups = ("+".join(f"<{shown(path)}>" for path in group) for group in resource.named_by)
            out[resource.slug] = "++".join(groups)
    return dict(sorted(out.items()))


def nodes() -> dict[str, Any]:
    """slug -> its own fields in a named URL, and the relations that add theirs."""
    out: dict[str, Any] = {}
    for resource in registry.resources():
        if resource.named_by and resource.has_detail:
            paths = [path for group in resource.named_by for path in group]
            relations = {path.rpartition("__")[0] for path in paths if "__" in path}
            out[resource.slug] = {
                "fields": [path for path in paths if "__" not in path],
                "adj_list": [[name, name] for name in sorted(relations)],
            }
    return dict(sorted(out.items()))
