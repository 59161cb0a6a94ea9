"""Telling the service behind a webhook what became of its job."""

from __future__ import annotations

import logging
from typing import Any

from apps.conf import live
from apps.core import links, outbound
from apps.core.fields import parse_variables
from apps.credentials.services.lookups import LookupFailed, resolved
from apps.jobs import webhooks
from apps.unified.models import UnifiedJob
from apps.unified.queue import send

log = logging.getLogger(__name__)
TASK = "apps.jobs.tasks.report"
API = "awx_webhook_status_api"


def job_changed(sender: Any, job: Any, **more: Any) -> None:
    """A job started or ended: where a webhook with a token made it, its service is to hear of it."""
    if getattr(job, "webhook_service", "") and job.webhook_credential_id and job.status in states(job):
        send(TASK, job.pk, job.status)


def states(job: Any) -> Any:
    """The statuses that the service has a word for."""
    return webhooks.SERVICES[job.webhook_service].states


def report(job_id: int, status: str) -> bool:
    """Post a status; False where there is nobody to tell. outbound.Refused or OSError where it did not work."""
    job = UnifiedJob.objects.filter(pk=job_id).first()
    if job is None or not getattr(job, "webhook_credential", None):
        return False
    address = parse_variables(job.extra_vars).get(API)
    if not isinstance(address, str) or not address:
        return False
    try:
        token = resolved(job.webhook_credential).get("token", "")
    except LookupFailed as error:
        log.warning("the token for the webhook of job %s cannot be looked up: %s", job_id, error)
        return False
    service = webhooks.SERVICES[job.webhook_service]
    url = f"{str(live.get('TOWER_URL_BASE')).rstrip('/')}{links.object_url(job)}"
    headers, body = service.report(status, url, token)
    outbound.call("POST", address, headers=headers, json=body).required()
    return True
