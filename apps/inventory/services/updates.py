"""Starting updates of sources, and which of them a job needs first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.inventory.models import CLOUD_SOURCES, Inventory, InventorySource, InventoryUpdate
from apps.unified.models import ACTIVE
from apps.unified.services import create_job, submit

from .credentials import first_cloud, misfit


def can_update(source: InventorySource) -> bool:
    """Whether there is anything to fetch from: a project, a credential for the cloud, inputs."""
    if source.inventory is None or source.inventory.pending_deletion:
        return False
    if source.source == "scm":
        return source.source_project_id is not None
    if source.source in CLOUD_SOURCES:
        return misfit(source.source, first_cloud(source)) is None
    return source.source == "constructed"


def new_update(source: InventorySource, *, launch_type: str = "manual", **columns: Any) -> InventoryUpdate:
    """An update that is not submitted yet."""
    name = f"{source.inventory.name} - {source.name}"[:512]
    return create_job(source, launch_type=launch_type, name=name, **columns)


def start(source: InventorySource, *, launch_type: str = "manual", **columns: Any) -> InventoryUpdate:
    """Update a source."""
    return submit(new_update(source, launch_type=launch_type, **columns))


def sources_to_update(inventory: Inventory | None) -> list[InventorySource]:
    """The sources of an inventory that are to be fetched on launch and whose last update is too old."""
    if inventory is None:
        return []
    rows = InventorySource.objects.filter(inventory=inventory, update_on_launch=True).select_related("inventory")
    return [source for source in rows.order_by("pk") if can_update(source) and is_stale(source)]


def is_stale(source: InventorySource) -> bool:
    """Whether the last successful update is longer ago than the source allows."""
    if source.last_job_failed or source.last_job_run is None or source.status == "never updated":
        return True
    return source.last_job_run + timedelta(seconds=source.update_cache_timeout) <= timezone.now()


def needed_for(inventory: Inventory | None, job: Any) -> list[InventoryUpdate]:
    """The updates of an inventory that a job waits for: those already on their way, and new ones."""
    out = []
    for source in sources_to_update(inventory):
        rows = InventoryUpdate.objects.filter(inventory_source=source, status__in=ACTIVE).exclude(pk=job.pk)
        out.append(rows.order_by("pk").first() or new_update(source, launch_type="dependency"))
    return out


def updates_needed(job: Any) -> Sequence[InventoryUpdate]:
    """For Run.dependencies of jobs and commands: the updates that the job's inventory needs first."""
    return needed_for(job.inventory, job)
