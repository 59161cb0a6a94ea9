"""Jobs say that they started or ended; whoever wants to hear of it is told."""

from __future__ import annotations

from typing import Any

from . import services, words

ENDS = {"successful": "success", "failed": "error", "error": "error", "canceled": "error"}


def job_started(job: Any, **_more: Any) -> None:
    """Tell those who want to hear of starts; an approval starts when it asks."""
    services.notify(job, "running" if hasattr(job, "timed_out") else "started")


def job_finished(job: Any, **_more: Any) -> None:
    """Tell those who want to hear of this end."""
    if hasattr(job, "timed_out"):
        services.notify(job, words.approval_status(job))
    elif job.status in ENDS:
        services.notify(job, ENDS[job.status])
