"""System job templates and jobs: the house's own cleaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from apps.core.fields import VariablesField
from apps.unified.models import UnifiedJob, UnifiedJobTemplate

JOB_TYPES = (
    ("cleanup_jobs", "Remove jobs older than a certain number of days"),
    ("cleanup_activitystream", "Remove activity stream entries older than a certain number of days"),
    ("cleanup_sessions", "Removes expired browser sessions from the database"),
    ("cleanup_tokens", "Removes expired OAuth 2 access tokens and refresh tokens"),
)


MOST_DAYS = 36500
ALLOWED = frozenset({"days", "older_than", "granularity"})


def days_of(variables: Mapping[str, Any]) -> int | None:
    """How many days back is kept, or None where it is not said; ValueError for what is no count of days."""
    if "days" not in variables:
        return None
    days = variables["days"]
    text = str(days).strip().removesuffix(".0")
    if isinstance(days, bool) or not text.isdecimal() or int(text) > MOST_DAYS:
        raise ValueError("days must be a whole number, not negative.")
    return int(text)


class SystemJobTemplate(UnifiedJobTemplate):
    """A kind of cleaning; the four are made by preload and cannot be added to."""

    job_type = models.CharField(max_length=32, choices=JOB_TYPES, blank=True, default="")

    def variable_errors(self, variables: Mapping[str, Any]) -> list[str]:
        """What is wrong with the variables of a schedule or a node."""
        strange = sorted(variables.keys() - ALLOWED)
        out = [f"System jobs do not know the variables {', '.join(strange)}."] if strange else []
        try:
            days_of(variables)
        except ValueError as error:
            out.append(str(error))
        return out


class SystemJob(UnifiedJob):
    """One cleaning run; `extra_vars` is a JSON text with `days`."""

    system_job_template = models.ForeignKey(
        SystemJobTemplate, models.SET_NULL, null=True, default=None, related_name="jobs"
    )
    job_type = models.CharField(max_length=32, choices=JOB_TYPES, blank=True, default="")
    extra_vars = VariablesField()
