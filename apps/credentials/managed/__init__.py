"""The types that every server has, one file a family."""

from __future__ import annotations

from . import cloud, lookups, machine, platforms, source_control
from .base import ManagedType

# AWX makes them in this order, and scripts know some of the ids (1 is Machine)
ORDER = (
    "ssh", "scm", "vault", "net", "aws", "openstack", "vmware", "satellite6", "gce", "azure_rm", "github_token",
    "gitlab_token", "bitbucket_dc_token", "insights", "rhv", "controller", "kubernetes_bearer_token", "registry",
    "galaxy_api_token", "gpg_public_key", "terraform",
)  # fmt: skip
_found = (*machine.TYPES, *source_control.TYPES, *cloud.TYPES, *platforms.TYPES, *lookups.TYPES)
BY_NAMESPACE: dict[str, ManagedType] = {managed.namespace: managed for managed in _found}
ALL: tuple[ManagedType, ...] = (*(BY_NAMESPACE[name] for name in ORDER), *lookups.TYPES)
