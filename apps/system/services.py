"""System job templates: the four that exist, and how they are launched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.unified import services as unified
from apps.unified.models import Schedule
from apps.unified.schedules.services import compute, settle_template

from .models import SystemJob, SystemJobTemplate

# kind -> (name, description, name of its schedule, its rule, the variables of the schedule)
START = "DTSTART:20200101T000000Z RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY="
TEMPLATES: dict[str, tuple[str, str, str, str, dict[str, int]]] = {
    "cleanup_jobs": ("Cleanup Job Details", "Remove job history", "Cleanup Job Schedule", "SU", {"days": 120}),
    "cleanup_activitystream": (
        "Cleanup Activity Stream", "Remove activity stream history", "Cleanup Activity Schedule", "TU", {"days": 355},
    ),
    "cleanup_sessions": (
        "Cleanup Expired Sessions", "Remove expired browser sessions", "Cleanup Expired Sessions", "MO", {},
    ),
    "cleanup_tokens": (
        "Cleanup Expired OAuth 2 Tokens", "Remove expired OAuth 2 access and refresh tokens",
        "Cleanup Expired OAuth 2 Tokens", "MO", {},
    ),
}  # fmt: skip


def preload() -> None:
    """The four templates with their weekly schedules; what exists stays as it is."""
    for job_type, (name, description, schedule, day, variables) in TEMPLATES.items():
        template, fresh = SystemJobTemplate.objects.get_or_create(
            job_type=job_type, defaults={"name": name, "description": description}
        )
        if not fresh:
            continue
        row = Schedule(
            name=schedule, description="Automatically generated schedule", rrule=f"{START}{day}",
            unified_job_template_id=template.pk, extra_data=variables,
        )  # fmt: skip
        compute(row)
        row.save()
        settle_template(template.pk)


def launch(template: SystemJobTemplate, *, actor: Any, variables: Mapping[str, Any]) -> SystemJob:
    """A new job of the template, submitted; the variables are checked when it runs."""
    job = unified.create_job(template, created_by=actor, extra_vars=json.dumps(dict(variables)))
    return unified.submit(job)
