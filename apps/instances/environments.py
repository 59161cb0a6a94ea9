"""Which execution environment counts where a template or a job names none."""

from __future__ import annotations

import re
from typing import Any

from apps.conf import live

from .models import ExecutionEnvironment

# host[:port]/ name[/name…] :tag @digest; nothing that an engine could read as an option
IMAGE = re.compile(
    r"^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?\Z"
)


def resolve(*owners: Any) -> ExecutionEnvironment | None:
    """The default of the first owner that has one (a project, then an organization), else that of the installation.

    That is what the setting names, else the first of nobody's.
    """
    for owner in owners:
        if owner is not None and owner.default_environment_id:
            return owner.default_environment
    chosen = live.get("DEFAULT_EXECUTION_ENVIRONMENT")
    found = ExecutionEnvironment.objects.filter(pk=chosen).first() if chosen else None
    if found is not None:
        return found
    return ExecutionEnvironment.objects.filter(organization=None, managed=False).order_by("pk").first()


def control_plane() -> ExecutionEnvironment | None:
    """The environment of the installation's own work, such as updates of projects."""
    return ExecutionEnvironment.objects.filter(organization=None, managed=True).order_by("pk").first()


def summary(environment: ExecutionEnvironment | None) -> dict[str, Any]:
    """`resolved_environment` in summary_fields; nothing where there is none."""
    if environment is None:
        return {}
    return {"resolved_environment": {n: getattr(environment, n) for n in ("id", "name", "description", "image")}}
