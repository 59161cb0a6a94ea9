"""The values of a credential at the time they are needed: stored, given at launch, or looked up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from apps.core.outbound import Refused
from apps.credentials.models import ASK, Credential, CredentialType
from apps.credentials.plugins.base import LookupFailed

from .types import managed_of

log = logging.getLogger(__name__)


def fetch(credential_type: CredentialType, values: Mapping[str, Any]) -> str:
    """Look a value up; LookupFailed says why it cannot be had."""
    managed = managed_of(credential_type)
    if managed.lookup is None:
        raise LookupFailed(f"{credential_type.name} looks nothing up.")
    known = {field["id"] for section in ("fields", "metadata") for field in managed.inputs.get(section, [])}
    unknown = sorted(set(values) - known)
    if unknown:
        raise LookupFailed(f"{managed.name} does not know {', '.join(map(repr, unknown))}.")
    filled = with_defaults(managed.inputs, values)
    missing = [name for name in managed.required if filled.get(name) in (None, "")]
    if missing:
        raise LookupFailed(f"{managed.name} needs {', '.join(missing)}.")
    wrong = [n for n, v in filled.items() if not isinstance(v, str | bool)]
    if wrong:
        raise LookupFailed(f"{', '.join(wrong)} must be text.")
    try:
        return managed.lookup(**filled)
    except LookupFailed:
        raise
    except (Refused, OSError, ValueError, KeyError) as error:
        log.info("a lookup through %s failed: %s", managed.namespace, type(error).__name__)
        raise LookupFailed(failure(managed.name, error)) from error


def failure(name: str, error: Exception) -> str:
    """One sentence; details of errors that may hold what was sent stay out."""
    if isinstance(error, Refused):
        return f"{name}: {error}"
    kinds = {"ConnectTimeout": "did not answer in time", "ReadTimeout": "did not answer in time"}
    kinds |= {"SSLError": "has a certificate that is not trusted", "ConnectionError": "cannot be reached"}
    return f"{name} {kinds.get(type(error).__name__, 'gave an answer that cannot be used')}."


def with_defaults(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with the defaults of the fields that have none."""
    out = dict(values)
    for section in ("fields", "metadata"):
        for field in inputs.get(section, []):
            if out.get(field["id"]) is None:
                if "default" in field:
                    out[field["id"]] = field["default"]
                elif field.get("type") == "boolean":
                    out[field["id"]] = False
    return out


# a value that means nothing without another one is not looked up without it
NEEDS = {"ssh_key_unlock": "ssh_key_data"}


def resolved(credential: Credential, answers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All values: links to lookups are followed, `ASK` is replaced by the `answers` {field: value} or left out."""
    kind = credential.credential_type
    out = with_defaults(kind.inputs if kind.kind != "external" else {}, credential.inputs)
    for name in list(out):
        if credential.asks(name):
            del out[name]
    links = list(credential.input_sources.select_related("source_credential__credential_type"))
    given = {name for name, value in out.items() if value} | {link.input_field_name for link in links}
    for link in links:
        if NEEDS.get(link.input_field_name, link.input_field_name) not in given:
            continue
        source = link.source_credential
        try:
            found = fetch(source.credential_type, {**resolved(source), **link.metadata})
        except LookupFailed as error:
            sentence = f"{link.input_field_name} of the credential {credential.name} cannot be looked up: {error}"
            raise LookupFailed(sentence) from error
        field = kind.field(link.input_field_name) or {}
        out[link.input_field_name] = found.lower() == "true" if field.get("type") == "boolean" else found
    asked = {name: value for name, value in (answers or {}).items() if kind.field(name)}
    return out | asked


__all__ = ["ASK", "LookupFailed", "fetch", "resolved"]
