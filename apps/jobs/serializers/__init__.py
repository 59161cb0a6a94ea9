"""Job templates, jobs, their events and summaries, and ad hoc commands as JSON."""

from .ad_hoc import AdHocCommandListSerializer, AdHocCommandSerializer
from .events import AdHocCommandEventSerializer, JobEventSerializer
from .job import JobListSerializer, JobSerializer
from .launch import JobLaunchSerializer, JobRelaunchSerializer
from .summary import JobHostSummarySerializer
from .template import JobTemplateSerializer

__all__ = [
    "AdHocCommandEventSerializer",
    "AdHocCommandListSerializer",
    "AdHocCommandSerializer",
    "JobEventSerializer",
    "JobHostSummarySerializer",
    "JobLaunchSerializer",
    "JobListSerializer",
    "JobRelaunchSerializer",
    "JobSerializer",
    "JobTemplateSerializer",
]
