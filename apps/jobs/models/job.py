"""Jobs: runs of a job template."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from apps.core.fields import EncryptedTextField
from apps.unified.models import UnifiedJob

from .options import JOB_TYPES, PlaybookOptions


class Job(PlaybookOptions, UnifiedJob):
    """One run of a playbook."""

    job_type = models.CharField(max_length=64, choices=(*JOB_TYPES, ("scan", "Scan")), default="run")
    job_template = models.ForeignKey(
        "jobs.JobTemplate", models.SET_NULL, null=True, blank=True, default=None, related_name="jobs"
    )
    hosts = models.ManyToManyField(
        "inventory.Host", through="JobHostSummary", through_fields=("job", "host"), related_name="jobs"
    )
    artifacts = models.JSONField(default=dict, blank=True, editable=False)
    scm_revision = models.CharField(max_length=1024, default="", blank=True, editable=False)
    project_update = models.ForeignKey(
        "projects.ProjectUpdate", models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )
    job_slice_number = models.PositiveIntegerField(default=0, blank=True)
    survey_passwords = EncryptedTextField(default="", blank=True, editable=False)  # JSON: {variable: value}
    webhook_guid = models.CharField(max_length=128, default="", blank=True)
    custom_virtualenv = models.CharField(max_length=100, null=True, default=None, editable=False)  # noqa: DJ001  (null in the API)

    class Meta:
        ordering = ("id",)

    def secret_answers(self) -> dict[str, Any]:
        """The survey's secret answers, which read `$encrypted$` in extra_vars."""
        return json.loads(self.survey_passwords) if self.survey_passwords else {}
