"""The inputs of one credential, checked against its type, with secrets that are sent back masked."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from rest_framework.exceptions import ValidationError

from apps.core.crypto import MASK

from . import ssh_keys
from .models import ASK, CredentialType

UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # neither a file nor a process takes these
VAULT_ID = re.compile(r"^[^-@\s][^@\s]*$")
# they become words of a command line
WORD = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")
LINE = re.compile(r"^[^-\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")
SHAPES = {
    ("ssh", "become_method"): (WORD, "This must be the name of a become plugin."),
    ("ssh", "become_username"): (LINE, "This must be one line that does not begin with a dash."),
    ("ssh", "username"): (LINE, "This must be one line that does not begin with a dash."),
    ("scm", "username"): (LINE, "This must be one line that does not begin with a dash."),
    ("vault", "vault_id"): (VAULT_ID, "This must be one word without @ that does not begin with a dash."),
}


def refuse(errors: Any) -> None:
    """400 under `inputs`."""
    raise ValidationError({"inputs": errors})


def merged(kind: CredentialType, given: Any, before: dict[str, Any] | None) -> dict[str, Any]:
    """The inputs to store: masks stand for what was there `before` (None: a new credential), empty secrets go."""
    if not isinstance(given, dict):
        refuse(["This must be a mapping of names to values."])
    out = {}
    for name, value in given.items():
        if value == MASK and before is None:
            refuse([f"{MASK} stands for a value that is stored already, and a new credential has none."])
        if value == MASK and name in kind.secret_fields:
            value = (before or {}).get(name, "")  # noqa: PLW2901
        if value == "" and name in kind.secret_fields:
            continue
        out[name] = value
    check(kind, out)
    named = (before or {}).get("vault_id")
    if kind.namespace == "vault" and named and named != out.get("vault_id"):
        refuse(["The vault_id of a credential cannot be changed."])
    return out


def check(kind: CredentialType, values: dict[str, Any]) -> None:
    """Every value is of a field of the type, and of the field's type."""
    unknown = sorted(set(values) - {field["id"] for field in kind.fields})
    if unknown:
        refuse([f"Credentials of the type {kind.name} have no input {', '.join(map(repr, unknown))}."])
    for name, needed in kind.inputs.get("dependencies", {}).items():
        if name in values and not set(needed) <= set(values):
            refuse([f"{name} is only meant together with {', '.join(needed)}."])
    errors = {}
    for field in kind.fields:
        name = field["id"]
        sentence = value_error(field, values[name], kind) if name in values else None
        if sentence:
            errors[name] = [sentence]
    if "ssh_key_unlock" in {field["id"] for field in kind.fields} and not errors:
        errors |= unlock_errors(values)
    if errors:
        refuse(errors)


def value_error(field: dict[str, Any], value: Any, kind: CredentialType) -> str | None:
    """What is wrong with one value."""
    if field.get("type") == "boolean":
        return None if isinstance(value, bool) else "This must be true or false."
    if not isinstance(value, str) or UNWRITABLE.search(value):
        return "This must be text."
    if value == ASK and field.get("ask_at_runtime"):
        return None
    if "choices" in field:
        return None if value in field["choices"] else f"This must be one of {', '.join(field['choices'])}."
    return text_error(field, value, kind) if value else None


def text_error(field: dict[str, Any], value: str, kind: CredentialType) -> str | None:
    """What is wrong with a text that is not empty."""
    shape = SHAPES.get((kind.namespace or "", field["id"]))
    if shape and not shape[0].match(value):
        return shape[1]
    return format_error(field.get("format"), value)


def format_error(form: str | None, value: str) -> str | None:
    """What is wrong with a value of a certain form."""
    if form == "ssh_private_key":
        try:
            ssh_keys.private_blocks(value)
        except ssh_keys.BadKey as error:
            return str(error)
    if form == "url":
        try:
            parts = urlsplit(value)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        return None if valid else "This must be an address that begins with http:// or https://."
    return None


def unlock_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    """A locked key needs a passphrase, and only a locked one."""
    key, passphrase = values.get("ssh_key_data"), values.get("ssh_key_unlock")
    if not key or key == ASK:
        return {}
    locked = ssh_keys.is_locked(key)
    if locked and not passphrase:
        return {"ssh_key_unlock": ["The key is locked: give its passphrase."]}
    if passphrase and not locked:
        return {"ssh_key_unlock": ["The key is not locked, so it has no passphrase."]}
    return {}


def metadata_errors(kind: CredentialType, metadata: Any) -> Any:
    """What is wrong with the metadata of a lookup: a list, or {name: list}; nothing where all is well."""
    if not isinstance(metadata, dict):
        return ["This must be a mapping of names to values."]
    fields = {field["id"]: field for field in kind.inputs.get("metadata", [])}
    unknown = sorted(set(metadata) - set(fields))
    if unknown:
        return [f"{kind.name} has no metadata {', '.join(map(repr, unknown))}."]
    errors = {}
    for name, field in fields.items():
        required = name in kind.inputs.get("required", [])
        sentence = value_error(field, metadata[name], kind) if name in metadata else None
        if required and metadata.get(name) in (None, ""):
            sentence = sentence or "This is required."
        if sentence:
            errors[name] = [sentence]
    return errors
