"""What a job did to each of its hosts."""

from __future__ import annotations

from django.db import models

from apps.core.models import Stamped


class JobHostSummary(Stamped):
    """The counts of a host in a job; written by one statement when the job ends."""

    job = models.ForeignKey("jobs.Job", models.CASCADE, related_name="job_host_summaries", editable=False)
    host = models.ForeignKey(
        "inventory.Host", models.SET_NULL, null=True, default=None, related_name="job_host_summaries", editable=False
    )
    constructed_host = models.ForeignKey(
        "inventory.Host",
        models.SET_NULL,
        null=True,
        default=None,
        related_name="constructed_host_summaries",
        editable=False,
    )
    host_name = models.CharField(max_length=1024, default="", editable=False)
    changed = models.PositiveIntegerField(default=0, editable=False)
    dark = models.PositiveIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    ignored = models.PositiveIntegerField(default=0, editable=False)
    ok = models.PositiveIntegerField(default=0, editable=False)
    processed = models.PositiveIntegerField(default=0, editable=False)
    rescued = models.PositiveIntegerField(default=0, editable=False)
    skipped = models.PositiveIntegerField(default=0, editable=False)
    failed = models.BooleanField(default=False, editable=False, db_index=True)

    class Meta:
        ordering = ("-pk",)
        unique_together = (("job", "host_name"),)

    def __str__(self) -> str:
        return f"{self.host_name} in job {self.job_id}"
