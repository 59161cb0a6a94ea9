"""What the end of a job means for the count of machines."""

from __future__ import annotations

from typing import Any

from . import deletion, metrics


def count_machines(sender: Any, job: Any, **_more: Any) -> None:
    """Every host that a job ran on was automated once more."""
    if hasattr(job, "job_host_summaries"):
        metrics.count_job(job.pk)


def jobs_of_organization(sender: Any, organization: Any, **_more: Any) -> list[dict[str, Any]]:
    """What keeps an organization from being deleted."""
    return deletion.active_jobs_in(organization)
