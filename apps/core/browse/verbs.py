"""What can be done with an object besides reading and changing it, and where one can go from it."""

from __future__ import annotations

from typing import Any

from apps.core.metadata import is_resource

from .document import is_link
from .trail import words

RUNNING = frozenset({"new", "pending", "waiting", "running"})
CAPABILITY = {"launch": "start", "relaunch": "start", "update": "start", "copy": "copy"}
ENDED_ONLY = frozenset({"relaunch", "retry"})
FIRST = ("launch", "update", "relaunch", "cancel", "approve", "deny", "copy")  # other verbs are among the links
ASKS_FIRST = frozenset({"copy"})  # needs a name: its page has the form


def verbs(view: Any, data: Any) -> list[dict[str, Any]]:
    """[{name, label, url, at_once}, …]: buttons for what POST does below the object, as its state and rights allow."""
    if not (is_resource(view) and view.detail and isinstance(data, dict)):
        return []
    related = data.get("related")
    related = related if isinstance(related, dict) else {}
    names = [verb.name for verb in view.verbs if hasattr(verb.view, "post")]
    names += ["copy"] if view.copies is not None else []
    out = []
    for name in (name for name in FIRST if name in names):
        url = related.get(name)
        if isinstance(url, str) and is_link(url) and offered(name, data):
            out.append({"name": name, "label": words(name), "url": url, "at_once": name not in ASKS_FIRST})
    return out


def offered(name: str, data: dict[str, Any]) -> bool:
    """Whether the verb fits the object's state and the user's capabilities."""
    summaries = data.get("summary_fields")
    capabilities = summaries.get("user_capabilities") if isinstance(summaries, dict) else None
    if isinstance(capabilities, dict) and capabilities.get(CAPABILITY.get(name, "")) is False:
        return False
    status = data.get("status")
    if name == "cancel":
        return status in RUNNING or data.get("type") not in RUNS
    return not (name in ENDED_ONLY and status in RUNNING)


RUNS = frozenset(
    {"job", "project_update", "inventory_update", "ad_hoc_command", "system_job", "workflow_job", "workflow_approval"}
)


def ways(view: Any, data: Any) -> list[dict[str, str]]:
    """[{label, url}, …]: the entries of `related` that are no buttons."""
    related = data.get("related") if isinstance(data, dict) else None
    if not isinstance(related, dict):
        return []
    buttons = {verb["name"] for verb in verbs(view, data)}
    return [
        {"label": words(name), "url": url}
        for name, url in sorted(related.items())
        if isinstance(url, str) and is_link(url) and name not in buttons
    ]
