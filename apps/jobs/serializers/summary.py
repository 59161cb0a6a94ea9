"""A host summary as JSON."""

from __future__ import annotations

from typing import Any

from apps.core.serializers import COMMON, ResourceSerializer
from apps.jobs.models import JobHostSummary

JOB = (
    *("id", "name", "description", "status", "failed", "elapsed", "job_template_id"),
    "job_template_name=unified_job_template__name",
)
COUNTS = ("changed", "dark", "failures", "ok", "processed", "skipped", "failed", "ignored", "rescued")


class OfJobSerializer(ResourceSerializer):
    """What belongs to a job: the summary of the job also names its kind."""

    class Meta:
        abstract = True

    def get_summary_fields(self, obj: Any) -> dict[str, Any]:
        """With the job's kind."""
        out = super().get_summary_fields(obj)
        if "job" in out:
            out["job"]["type"] = "job"
        return out


class JobHostSummarySerializer(OfJobSerializer):
    """The counts of one host in one job."""

    class Meta:
        model = JobHostSummary
        fields = (*COMMON, "job", "host", "constructed_host", "host_name", *COUNTS)
        summaries = {"job": JOB, "host": ("id", "name", "description")}
        unlinked = ("constructed_host",)
