"""Hourly housekeeping: what nobody schedules, because it always has to be done."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command


@shared_task(name="apps.system.tasks.housekeeping")
def housekeeping() -> None:
    """Expired sessions and tokens go."""
    call_command("cleanup_sessions")
    call_command("cleanup_tokens")
