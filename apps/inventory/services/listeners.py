"""What the end of a job means for the count of machines."""

from __future__ import annotations

from typing import Any

from . import metrics


def count_machines(sender: Any, job: Any, **_more: Any) -> None:
    """Every host that a job ran on was automated once more."""
    if hasattr(job, "job_host_summaries"):
        metrics.count_job(job.pk)
