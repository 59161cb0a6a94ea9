"""The schedules of a template, for the resources of every kind of template."""

from __future__ import annotations

from apps.core.sublists import Sub

# whoever sees the template may ask; whether a schedule may be added is the schedule's own rule: the right to start it
SCHEDULES = Sub(
    "schedules", slug="schedules", create=True, parent_role="view", key="unified_job_template", order_by=("pk",)
)
