"""Which execution environment counts where a template or a job names none."""

from __future__ import annotations

from typing import Any

from apps.conf import live
from apps.instances.models import ExecutionEnvironment


def resolve(project: Any, organization: Any) -> ExecutionEnvironment | None:
    """The project's, else the organization's, else the setting's, else the first of nobody's."""
    for owner in (project, organization):
        if owner is not None and owner.default_environment_id:
            return owner.default_environment
    chosen = live.get("DEFAULT_EXECUTION_ENVIRONMENT")
    found = ExecutionEnvironment.objects.filter(pk=chosen).first() if chosen else None
    if found is not None:
        return found
    return ExecutionEnvironment.objects.filter(organization=None, managed=False).order_by("pk").first()
