"""Schedules whose time has come: their templates are launched, each by itself, so that a bad one stops no other."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DatabaseError, transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from apps.core.errors import BadRequest
from apps.jobs import services as jobs
from apps.jobs.models import JobTemplate
from apps.unified import services as unified
from apps.unified import starting
from apps.unified.models import Schedule
from apps.unified.schedules.rules import RuleError
from apps.unified.schedules.services import announce, compute, settle_template
from apps.workflows.models import WorkflowJobTemplate

from . import answers
from .launching import launch

log = logging.getLogger(__name__)


def launch_due() -> int:
    """Launch every schedule that is due; how many there were. Runs missed while the server was down count once."""
    due = Schedule.objects.filter(enabled=True, next_run__lte=timezone.now()).order_by("next_run")
    started = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            started += run(pk)
        except (APIException, ModelError, DatabaseError, RuleError, ValueError, LookupError):
            log.exception("schedule %s could not be launched", pk)
    return started


def run(pk: int) -> bool:
    """Launch one schedule and move it on in the same transaction; whether it was still due."""
    with transaction.atomic():
        locked = Schedule.objects.select_for_update(of=("self",), skip_locked=True)
        schedule = locked.filter(pk=pk, enabled=True, next_run__lte=timezone.now()).first()
        if schedule is None:
            return False
        move_on(schedule)
        template = schedule.unified_job_template
        try:
            with transaction.atomic():
                start(template, schedule)
        except starting.FINAL as error:
            sentence = f"The schedule could not start this job. {starting.reason_of(error, f'schedule {pk}')}"
            starting.fail(template, sentence, launch_type="scheduled", schedule=schedule)
    return True


def move_on(schedule: Schedule) -> None:
    """The next run is after now, or there is none; a rule that cannot be read any more switches the schedule off."""
    try:
        compute(schedule)
    except RuleError:
        log.exception("schedule %s has a rule that cannot be read; it is switched off", schedule.pk)
        schedule.enabled, schedule.next_run = False, None
    columns = {"next_run": schedule.next_run, "enabled": schedule.enabled}
    Schedule.objects.filter(pk=schedule.pk).update(**columns)
    settle_template(schedule.unified_job_template_id)
    announce(schedule)


def start(template: Any, schedule: Schedule) -> Any:
    """A job of the schedule's template; BadRequest where it refuses."""
    prompts, actor = schedule.prompts(), None  # nobody did: the schedule itself is what started it
    if isinstance(template, JobTemplate):
        return jobs.launch(template, actor=actor, prompts=prompts, launch_type="scheduled", schedule=schedule)
    if isinstance(template, WorkflowJobTemplate):
        problems = answers.check(template, prompts)
        if problems:
            raise BadRequest(problems)
        return launch(template, actor=actor, prompts=prompts, launch_type="scheduled", schedule=schedule)
    columns: dict[str, Any] = {}
    if hasattr(template.job_class(), "extra_vars"):
        columns["extra_vars"] = json.dumps(schedule.variables())
    job = unified.create_job(template, launch_type="scheduled", schedule=schedule, created_by=actor, **columns)
    return unified.submit(job)
