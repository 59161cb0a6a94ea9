"""Which credential goes with which kind of source."""

from __future__ import annotations

from typing import Any

from apps.credentials.models import Credential
from apps.inventory.models import CLOUD_SOURCES

# the namespace of the type that a source needs, where it is not the source's own name
NAMESPACES = {"ec2": "aws", "openshift_virtualization": "kubernetes_bearer_token"}
NOT_FOR_SCM = ("scm", "ssh", "insights", "vault")


def misfit(source: str, credential: Credential | None) -> str | None:
    """Why a source cannot do with a credential (or without one), or None where it can."""
    if credential is None:
        needed = source in CLOUD_SOURCES and source != "ec2"
        return f"A source of the kind {source} needs a credential." if needed else None
    kind = credential.credential_type.kind
    if source == "scm":
        return f"A credential of the kind {kind} is not for sources." if kind in NOT_FOR_SCM else None
    wanted = NAMESPACES.get(source, source)
    if credential.credential_type.namespace != wanted:
        return f"A source of the kind {source} needs a credential of the type {wanted}."
    return None


def first_cloud(source: Any) -> Credential | None:
    """The one credential of a source that is not for a vault."""
    return source.credentials.exclude(credential_type__kind="vault").order_by("pk").first()
