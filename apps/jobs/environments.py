"""Which execution environment counts where a template or a job names none."""

from __future__ import annotations

from typing import Any

from apps.instances.models import ExecutionEnvironment


def resolve(project: Any, organization: Any) -> ExecutionEnvironment | None:
    """The project's, else the organization's, else the first that belongs to nobody."""
    for owner in (project, organization):
        if owner is not None and owner.default_environment_id:
            return owner.default_environment
    return ExecutionEnvironment.objects.filter(organization=None, managed=False).order_by("pk").first()
