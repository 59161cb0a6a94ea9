"""What a notification template may hold: its configuration by kind, and custom messages."""

from __future__ import annotations

import json
from typing import Any

from apps.core import sandbox
from apps.core.crypto import MASK

from . import words
from .backends import BACKENDS
from .backends.base import MISSING, TYPES, Parameter
from .backends.webhook import METHODS
from .models import EVENTS

APPROVAL_EVENTS = ("approved", "denied", "running", "timed_out")


class Wrong(Exception):  # noqa: N818
    """What is wrong, as a list of sentences."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(sentences)
        self.sentences = sentences


def configured(kind: str, given: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """The configuration with defaults, and with masked secrets taken from `before`; Wrong names every fault."""
    parameters = BACKENDS[kind].parameters
    usual = {name: parameter.default for name, parameter in parameters.items() if parameter.default is not MISSING}
    out = usual | given
    wrong = [f"{name} is missing." for name in parameters if name not in out]
    wrong += [found for name in parameters if name in out and (found := fault(name, parameters[name], out[name]))]
    for name in BACKENDS[kind].secrets:
        if out.get(name) == MASK and before is not None:
            out[name] = before.get(name, "")
    if kind == "webhook" and str(out.get("http_method", "")).upper() not in METHODS:
        wrong.append(f"http_method must be one of {', '.join(METHODS)}.")
    try:
        json.dumps(out, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        wrong.append("The configuration holds text that cannot be written.")
    if wrong:
        raise Wrong(wrong)
    return out


def fault(name: str, parameter: Parameter, value: Any) -> str | None:
    """What is wrong with one value."""
    if type(value) not in TYPES[parameter.type]:
        return f"{name} must be of the type {parameter.type}."
    if parameter.type == "list":
        if not value:
            return f"{name} is empty."
        if not all(isinstance(item, str | int) for item in value):
            return f"{name} must be a list of texts."
    return None


def checked_messages(kind: str, messages: Any) -> dict[str, Any] | None:
    """Custom messages; Wrong names every fault."""
    if messages is None:
        return None
    if not isinstance(messages, dict):
        raise Wrong(["This must be a mapping of events to messages."])
    wrong = [f"There is no event {name!r}." for name in messages if name not in EVENTS]
    for event in EVENTS:
        if event == "workflow_approval":
            wrong += approval_faults(kind, messages.get(event))
        else:
            wrong += message_faults(kind, event, messages.get(event))
    if wrong:
        raise Wrong(wrong)
    return messages


def approval_faults(kind: str, found: Any) -> list[str]:
    """What is wrong with the messages about approvals."""
    if found is None:
        return []
    if not isinstance(found, dict):
        return ["workflow_approval must be a mapping of events to messages."]
    wrong = [f"There is no approval event {name!r}." for name in found if name not in APPROVAL_EVENTS]
    for event in APPROVAL_EVENTS:
        wrong += message_faults(kind, event, found.get(event))
    return wrong


def message_faults(kind: str, event: str, found: Any) -> list[str]:
    """What is wrong with the message about one event."""
    if found is None:
        return []
    if not isinstance(found, dict):
        return [f"{event} must be a mapping with message and body."]
    wrong = [f"{event} has no part {name!r}." for name in found if name not in ("message", "body")]
    for part in ("message", "body"):
        source = found.get(part)
        if not source:
            continue
        if not isinstance(source, str):
            wrong.append(f"The {part} of {event} must be text.")
        elif part == "message" and "\n" in source:
            wrong.append(f"The message of {event} must be one line.")
        else:
            wrong += template_faults(kind, f"The {part} of {event}", source, data=part == "body")
    return wrong


def template_faults(kind: str, place: str, source: str, *, data: bool) -> list[str]:
    """What is wrong with one template."""
    try:
        text = sandbox.render(source, words.sample(), strict=True)
    except sandbox.BadTemplate as error:
        return [f"{place}: {error}"]
    if data and BACKENDS[kind].data and words.as_data(text) is None:
        return [f"{place} must be a JSON mapping for this kind of notification."]
    return []


def merged_messages(new: dict[str, Any] | None, old: dict[str, Any] | None) -> dict[str, Any] | None:
    """Messages that are not sent, and parts of them, stay as they were."""
    if new is None or old is None:
        return new
    out = dict(new)
    for event in EVENTS:
        if event == "workflow_approval" and out.get(event) and old.get(event):
            below, above = dict(out[event]), old[event]
            for name in APPROVAL_EVENTS:
                below[name] = merged_parts(below.get(name), above.get(name))
            out[event] = below
        else:
            out[event] = merged_parts(out.get(event), old.get(event))
    return out


def merged_parts(new: dict[str, Any] | None, old: dict[str, Any] | None) -> dict[str, Any] | None:
    """Message and body of one event."""
    if not new or not old:
        return new or old
    return {**{part: old[part] for part in ("message", "body") if old.get(part)}, **new}
