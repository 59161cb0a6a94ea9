"""Which credentials a job may carry at once: one of each type, and one vault credential of each vault id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

JOB_KINDS = ("ssh", "vault", "cloud", "net", "kubernetes")


def slot(credential: Any) -> str:
    """What only one credential of a job may fill."""
    vault_id = credential.inputs.get("vault_id") if credential.credential_type.kind == "vault" else None
    return f"{credential.credential_type_id}_{vault_id}" if vault_id else str(credential.credential_type_id)


def called(credential: Any) -> str:
    """The slot for people."""
    vault_id = credential.inputs.get("vault_id") if credential.credential_type.kind == "vault" else None
    name = credential.credential_type.name
    return f"{name} (id={vault_id})" if vault_id else name


def merged(kept: Iterable[Any], given: Iterable[Any]) -> list[Any]:
    """The credentials of a job: those of its template, replaced slot by slot by those given."""
    by_slot = {slot(credential): credential for credential in kept}
    return list((by_slot | {slot(credential): credential for credential in given}).values())
