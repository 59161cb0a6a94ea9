"""System job templates and jobs: the house's own cleaning."""

from __future__ import annotations

from django.db import models

from apps.core.fields import VariablesField
from apps.unified.models import UnifiedJob, UnifiedJobTemplate

JOB_TYPES = (
    ("cleanup_jobs", "Remove jobs older than a certain number of days"),
    ("cleanup_activitystream", "Remove activity stream entries older than a certain number of days"),
    ("cleanup_sessions", "Removes expired browser sessions from the database"),
    ("cleanup_tokens", "Removes expired OAuth 2 access tokens and refresh tokens"),
)


class SystemJobTemplate(UnifiedJobTemplate):
    """A kind of cleaning; the four are made by preload and cannot be added to."""

    job_type = models.CharField(max_length=32, choices=JOB_TYPES, blank=True, default="")


class SystemJob(UnifiedJob):
    """One cleaning run; `extra_vars` is a JSON text with `days`."""

    system_job_template = models.ForeignKey(
        SystemJobTemplate, models.SET_NULL, null=True, default=None, related_name="jobs"
    )
    job_type = models.CharField(max_length=32, choices=JOB_TYPES, blank=True, default="")
    extra_vars = VariablesField()
