"""Forms for POST, PUT and PATCH, from what OPTIONS says of the fields."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField

from apps.core import links, registry
from apps.core.metadata import Metadata, is_sublist

CONTROLS = {"boolean": "checkbox", "choice": "select", "integer": "number", "decimal": "number", "id": "lookup"}
WRITTEN_AS_JSON = frozenset({"json", "list", "list_of_ids", "nested object", "field", "object", "multiple choice"})
EMPTY: dict[str, Any] = {"string": "", "integer": None, "id": None, "boolean": False, "list": [], "json": {}}
ANSWERED = ("extra_vars", "credential_passwords")  # of a launch: what it cannot do without
SHORT = 1025  # characters: a text that may be longer gets several lines


def forms(view: Any, request: Any, data: Any) -> list[dict[str, Any]]:
    """[{methods, title, fields, body, whole}, …] for what the user may write here."""
    allowed = set(view.allowed_methods)
    if not allowed & {"POST", "PUT", "PATCH"}:
        return []
    described = Metadata().determine_metadata(request, view).get("actions", {})
    takes_fields = getattr(view, "get_serializer", None) is not None
    out = []
    if "POST" in allowed and ("POST" in described or not takes_fields):
        shown = described.get("POST", {})
        asked = getattr(view, "page_fields", None)
        begun = asked(data) if asked is not None and isinstance(data, dict) else None
        if begun is not None:
            shown = {name: info for name, info in shown.items() if name in begun}
        out.append(create_form(view, shown, begun))
        if isinstance(data, dict) and data.get("survey_enabled") and getattr(view, "verb_name", "") == "launch":
            out[-1]["survey"] = request.path.removesuffix("launch/") + "survey_spec/"
    change = described.get("PUT", described.get("PATCH"))
    methods = [method for method in ("PATCH", "PUT") if method in allowed]
    if methods and change is not None and isinstance(data, dict):
        out.append(change_form(view, change, methods, data))
    return out


def create_form(view: Any, described: dict[str, Any], begun: dict[str, Any] | None) -> dict[str, Any]:
    """The form for POST: its body begins with what is required, or with what the view wants to be answered."""
    values = {name: info["default"] for name, info in described.items() if "default" in info} | (begun or {})
    body = {name: EMPTY.get(info["type"], "") for name, info in described.items() if info.get("required")}
    body |= {name: values[name] for name in ANSWERED if (begun or {}).get(name)}
    return {
        "methods": ["POST"],
        "title": title_of(view),
        "fields": fields(view, described, values),
        "body": text_of(body),
        "whole": "",
    }


def change_form(view: Any, described: dict[str, Any], methods: list[str], data: dict[str, Any]) -> dict[str, Any]:
    """The form for PATCH (only what is changed) and PUT (the whole object)."""
    values = {name: data[name] for name in described if name in data}
    whole = text_of(values)
    return {
        "methods": methods,
        "title": "Change",
        "fields": fields(view, described, values),
        "body": "{}" if methods[0] == "PATCH" else whole,
        "whole": whole,
    }


def title_of(view: Any) -> str:
    """What sending does."""
    if is_sublist(view):
        return "Add"
    verb = getattr(view, "verb_name", "")
    return verb.replace("_", " ").capitalize() if verb else "Create"


def text_of(value: Any) -> str:
    """JSON as a person edits it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def fields(view: Any, described: dict[str, Any], values: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry a field; required ones first, in the order of the API otherwise."""
    targets = lookups(view)
    out = [field(name, info, values, targets.get(name, "")) for name, info in described.items()]
    return sorted(out, key=lambda entry: not entry["required"])


def field(name: str, info: dict[str, Any], values: dict[str, Any], target: str) -> dict[str, Any]:
    """Name, label, type, limits, and the control that edits it."""
    kind, value = info["type"], values.get(name)
    control = CONTROLS.get(kind) or ("json" if kind in WRITTEN_AS_JSON else text_control(name, info))
    if target and kind in ("id", "integer"):
        control = "lookup"
    elif control == "lookup":
        control = "number"
    if control in ("json", "lines") and isinstance(value, dict | list):
        value = text_of(value)
    return {
        "name": name,
        "label": info.get("label", name),
        "type": kind,
        "required": bool(info.get("required")),
        "help": info.get("help_text", ""),
        "limits": limits(info),
        "control": control,
        "choices": [(as_text(choice), label) for choice, label in info.get("choices", ())],
        "value": as_text(value),
        "checked": value is True,
        "lookup": target,
    }


def as_text(value: Any) -> str:
    """A value as a control holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def text_control(name: str, info: dict[str, Any]) -> str:
    """One line, several lines, or a hidden text."""
    if "password" in name or name in ("client_secret", "secret", "token"):
        return "password"
    return "text" if info.get("max_length", SHORT) < SHORT or kind_is_short(info) else "lines"


def kind_is_short(info: dict[str, Any]) -> bool:
    """Whether the type's values fit on a line by nature."""
    return info["type"] in ("datetime", "date", "url", "email", "slug")


def limits(info: dict[str, Any]) -> str:
    """The limits in words: `at most 512 characters`, `0 to 5`."""
    low, high = info.get("min_value"), info.get("max_value")
    if low is not None and high is not None and high < 2**31 - 1:
        return f"{low} to {high}"
    if low is not None and low > -(2**31):
        return f"at least {low}"
    length = info.get("max_length")
    return f"at most {length} characters" if length else ""


def lookups(view: Any) -> dict[str, str]:
    """Field -> the list in which its objects are found."""
    out = {}
    if is_sublist(view) and view.sub.attach:
        out["id"] = links.list_url(view.child.slug) if view.child.list_methods else ""
    if getattr(view, "get_serializer", None) is None or view.get_serializer_class() is None:
        return out
    serializer = view.get_serializer()
    for name, entry in getattr(serializer, "fields", {}).items():
        queryset = getattr(entry, "queryset", None)
        if isinstance(entry, PrimaryKeyRelatedField) and not isinstance(entry, ManyRelatedField):
            target = registry.find_model(queryset.model) if queryset is not None else None
            if target is not None and target.list_methods:
                out[name] = links.list_url(target.slug)
    return out
