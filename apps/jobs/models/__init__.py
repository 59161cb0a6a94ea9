"""Job templates, jobs, host summaries and ad hoc commands."""

from .ad_hoc import AdHocCommand
from .job import Job
from .options import JOB_TYPES, VERBOSITIES, WEBHOOK_SERVICES
from .retry import Retry, RetryPolicy
from .summary import JobHostSummary
from .template import JobTemplate

__all__ = [
    "JOB_TYPES",
    "VERBOSITIES",
    "WEBHOOK_SERVICES",
    "AdHocCommand",
    "Job",
    "JobHostSummary",
    "JobTemplate",
    "Retry",
    "RetryPolicy",
]
