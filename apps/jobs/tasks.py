"""What jobs have done in the background."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from apps.core import outbound

from .services import reports, retrying

PAUSES = (5, 30, 120)  # seconds before the second, third and fourth try


@shared_task(bind=True, max_retries=len(PAUSES), soft_time_limit=120)
def report(self: Any, job_id: int, status: str) -> None:
    """Tell the service of a webhook the status of its job; a service that is away is asked again."""
    try:
        reports.report(job_id, status)
    except (outbound.Refused, OSError) as error:
        if self.request.retries < self.max_retries:
            raise self.retry(countdown=PAUSES[self.request.retries], exc=error) from error
        reports.log.warning("the webhook of job %s could not be told its status: %s", job_id, error)


@shared_task
def retry_due() -> int:
    """Try failed jobs again whose time has come."""
    return retrying.retry_due()
