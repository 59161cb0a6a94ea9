"""Custom credential types: what `inputs` and `injectors` may hold. Each check raises ValidationError for its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from apps.core import sandbox

from .environment import refusal

IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
FILE_NAME = re.compile(r"^template(\.[A-Za-z_][A-Za-z0-9_]*)?$")
FIELD_KEYS = {"id", "label", "type", "help_text", "format", "choices", "multiline", "secret", "default"}
TEXT_ONLY = ("choices", "multiline", "format", "secret")
FORMATS = ["ssh_private_key", "url"]
MAX_FIELDS = 500
MAX_DEPTH = 20


def demand(condition: object, sentence: str) -> None:
    """Raise where the condition does not hold."""
    if not condition:
        raise ValidationError(sentence)


def only(found: dict[str, Any], allowed: set[str], what: str) -> None:
    """Raise for keys that mean nothing."""
    unknown = sorted(set(found) - allowed)
    demand(not unknown, f"{what} has no key {', '.join(map(repr, unknown))}.")


def checked_inputs(inputs: Any) -> dict[str, Any]:
    """`inputs` of a custom type, each field with its type; ValidationError where something is wrong."""
    demand(isinstance(inputs, dict), "This must be a mapping with fields and required.")
    only(inputs, {"fields", "required"}, "The definition")
    fields, required = inputs.get("fields", []), inputs.get("required", [])
    demand(isinstance(fields, list) and len(fields) <= MAX_FIELDS, "fields must be a list.")
    demand(is_texts(required) and len(set(required)) == len(required), "required must be a list of different names.")
    seen: set[str] = set()
    for field in fields:
        check_field(field)
        demand(field["id"] not in seen, f"There are two fields with the id {field['id']!r}.")
        seen.add(field["id"])
    out = dict(inputs)
    if "fields" in inputs:
        out["fields"] = [{**field, "type": field.get("type", "string")} for field in fields]
    return out


def check_field(field: Any) -> None:
    """One field of `inputs`."""
    demand(isinstance(field, dict), "A field must be a mapping.")
    only(field, FIELD_KEYS, "A field")
    name, kind = field.get("id"), field.get("type", "string")
    demand(isinstance(name, str) and IDENTIFIER.match(name), "A field needs an id of letters, digits and underscores.")
    demand(name != "tower", "The id 'tower' is taken by the files.")
    demand(isinstance(field.get("label"), str), f"The field {name} needs a label.")
    demand(kind in ("string", "boolean"), f"The type of {name} must be string or boolean.")
    demand(isinstance(field.get("help_text", ""), str), f"The help text of {name} must be text.")
    for key in ("multiline", "secret"):
        demand(isinstance(field.get(key, False), bool), f"{key} of {name} must be true or false.")
    for key in TEXT_ONLY:
        demand(kind == "string" or key not in field, f"{key} is only for text, and {name} is {kind}.")
    demand("format" not in field or field["format"] in FORMATS, f"The format of {name} must be one of {FORMATS}.")
    if "choices" in field:
        choices = field["choices"]
        demand(is_texts(choices) and choices, f"The choices of {name} must be a list of texts.")
        demand(len(set(choices)) == len(choices), f"The choices of {name} must differ.")
    if "default" in field:
        check_default(name, kind, field)


def check_default(name: str, kind: str, field: dict[str, Any]) -> None:
    """A default is of the field's type; as in AWX, it need not be one of the choices."""
    default = field["default"]
    demand(isinstance(default, bool if kind == "boolean" else str), f"The default of {name} must be a {kind}.")


def is_texts(value: Any) -> bool:
    """Whether this is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def checked_injectors(injectors: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """`injectors` of a custom type whose inputs are valid; ValidationError where something is wrong."""
    demand(isinstance(injectors, dict), "This must be a mapping with env, extra_vars and file.")
    only(injectors, {"env", "extra_vars", "file"}, "The injectors")
    for section, content in injectors.items():
        demand(isinstance(content, dict), f"{section} must be a mapping.")
    files = check_files(injectors.get("file", {}))
    for name, value in injectors.get("env", {}).items():
        reason = refusal(name)
        demand(reason is None, reason or "")
        demand(isinstance(value, str), f"The value of {name} must be text.")
    for name in injectors.get("extra_vars", {}):
        demand(IDENTIFIER.match(name), f"{name!r} cannot be the name of a variable.")
    context = sample(inputs, files)
    for place, source in all_templates(injectors):
        check_template(
            place, source, {k: v for k, v in context.items() if k != "tower" or not place.startswith("file")}
        )
    return injectors


def check_files(files: dict[str, Any]) -> list[str]:
    """The names of the files: none, the unnamed one (""), or several."""
    for name, value in files.items():
        demand(FILE_NAME.match(name), f"{name!r} must be template or template.NAME.")
        demand(isinstance(value, str), f"The content of {name} must be text.")
    demand(len(files) < 2 or "template" not in files, "Where there are several files, each needs a name.")  # noqa: PLR2004
    return [name.partition(".")[2] for name in files]


def sample(inputs: dict[str, Any], files: list[str]) -> dict[str, Any]:
    """A value for every name that a template may use."""
    out: dict[str, Any] = {f["id"]: f["type"] == "boolean" or "example" for f in inputs.get("fields", [])}
    if files:
        out["tower"] = {"filename": "/path" if files == [""] else dict.fromkeys(files, "/path")}
    return out


def all_templates(injectors: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(where, template) of everything that will be rendered."""
    for section in ("file", "env"):
        for name, source in injectors.get(section, {}).items():
            yield f"{section}.{name}", source
    for name, value in injectors.get("extra_vars", {}).items():
        for source in texts_within(value, f"extra_vars.{name}"):
            yield f"extra_vars.{name}", source


def texts_within(value: Any, place: str, depth: int = 0) -> Iterator[str]:
    """The texts in a nested value; numbers and the like are no templates and refused."""
    demand(depth <= MAX_DEPTH, f"{place} is nested too deeply.")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_within(item, place, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from texts_within(item, place, depth + 1)
    else:
        raise ValidationError(f"The value of {place} must be text, or a list or mapping of texts.")


def check_template(place: str, source: str, context: dict[str, Any]) -> None:
    """The template can be rendered, and asks only for what there is."""
    try:
        unknown = sorted(sandbox.names(source) - set(context))
        demand(not unknown, f"{place} uses {', '.join(unknown)}, which is none of the fields.")
        sandbox.render(source, context, strict=True)
    except sandbox.BadTemplate as error:
        raise ValidationError(f"{place}: {error}") from error
