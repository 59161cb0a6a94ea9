"""The root's entries in groups: one an app, with the app's name for people."""

from __future__ import annotations

import inspect
from typing import Any

from django.apps import apps

from apps.core import links, registry

from .trail import words


def groups(entries: dict[str, str]) -> list[dict[str, Any]]:
    """[{title, entries: [{name, label, url, about}]}, …], the apps of the upper floors first."""
    owners = views()
    found: dict[str, list[dict[str, str]]] = {}
    for name, url in entries.items():
        view = owners.get(url)
        config = apps.get_containing_app_config(view.__module__) if view else None
        entry = {"name": name, "label": words(name), "url": url, "about": about(view)}
        found.setdefault(config.label if config else "", []).append(entry)
    order = [config.label for config in apps.get_app_configs()][::-1]
    order.sort(key=lambda label: bool(getattr(apps.get_app_config(label), "browse_last", False)))
    out = [
        {"title": apps.get_app_config(label).verbose_name, "entries": found[label]} for label in order if label in found
    ]
    return [*out, {"title": "More", "entries": found[""]}] if "" in found else out


def views() -> dict[str, Any]:
    """URL -> the class that serves it, for all that the root may name."""
    out: dict[str, Any] = {links.page_url(page.route): page.view for page in registry.pages()}
    return out | {links.list_url(resource.slug): resource for resource in registry.resources()}


def about(view: Any) -> str:
    """The first sentence of the docstring."""
    text = inspect.cleandoc((view.__doc__ if view else "") or "")
    return text.split("\n\n", 1)[0].replace("\n", " ")
