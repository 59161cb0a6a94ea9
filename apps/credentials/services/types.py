"""The managed types, as rows and as code."""

from __future__ import annotations

from apps.credentials.managed import ALL, BY_NAMESPACE
from apps.credentials.managed.base import ManagedType
from apps.credentials.models import CredentialType

NONE = ManagedType(namespace="", name="", kind="", fields=())


def managed_of(credential_type: CredentialType) -> ManagedType:
    """The code behind a type; for custom types one that does nothing."""
    return BY_NAMESPACE.get(credential_type.namespace or "", NONE)


def sync_managed_types() -> None:
    """Write the managed types as this release has them; safe to run at any time."""
    rows = {row.namespace: row for row in CredentialType.objects.filter(managed=True)}
    for managed in ALL:
        row = rows.get(managed.namespace) or CredentialType(namespace=managed.namespace)
        wanted = {
            "name": managed.name, "kind": managed.kind, "managed": True, "inputs": managed.inputs,
            "injectors": dict(managed.injectors),
        }  # fmt: skip
        if row.pk is None or any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
