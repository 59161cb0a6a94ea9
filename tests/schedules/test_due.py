"""Schedules that are due: launched once, each by itself, and moved on."""

import json
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from apps.identity.models import Organization
from apps.inventory.models import Inventory
from apps.jobs.models import Job, JobTemplate
from apps.projects.models import Project
from apps.system.models import SystemJob, SystemJobTemplate
from apps.unified.models import Schedule, UnifiedJob
from apps.unified.schedules.services import compute
from apps.workflows.models import WorkflowJob, WorkflowJobTemplate
from apps.workflows.services import due

HOURLY = "DTSTART:20200101T000000Z RRULE:FREQ=HOURLY;INTERVAL=1"
pytestmark = pytest.mark.django_db


@pytest.fixture
def template(db):
    organization = Organization.objects.create(name="o")
    project = Project.objects.create(name="p", organization=organization, scm_type="", local_path="demo")
    inventory = Inventory.objects.create(name="i", organization=organization)
    return JobTemplate.objects.create(
        name="jt", project=project, inventory=inventory, playbook="hello_world.yml", ask_variables_on_launch=True
    )


def schedule(template, **columns):
    made = Schedule(name="s", rrule=HOURLY, unified_job_template_id=template.pk, **columns)
    compute(made)
    made.next_run = timezone.now() - timedelta(minutes=5)
    made.save()
    return made


def test_a_due_schedule_launches_once_and_moves_on(template):
    made = schedule(template, extra_data={"a": 1})
    assert due.launch_due() == 1
    assert due.launch_due() == 0
    job = Job.objects.get()
    assert (job.launch_type, job.schedule_id, json.loads(job.extra_vars)) == ("scheduled", made.pk, {"a": 1})
    made.refresh_from_db()
    assert made.next_run > timezone.now()


def test_runs_missed_while_the_server_was_down_count_once(template):
    made = schedule(template)
    Schedule.objects.filter(pk=made.pk).update(next_run=datetime(2021, 1, 1, tzinfo=UTC))
    assert due.launch_due() == 1
    assert Job.objects.count() == 1


def test_one_that_cannot_start_leaves_a_failed_job_and_stops_no_other(template):
    broken = JobTemplate.objects.create(name="broken", playbook="x.yml")
    schedule(broken)
    schedule(template)
    assert due.launch_due() == 2
    failed = UnifiedJob.objects.get(unified_job_template_id=broken.pk)
    assert failed.status == "failed"
    assert "could not start" in failed.job_explanation
    assert Job.objects.filter(job_template=template).exists()


@pytest.mark.parametrize(
    ("error", "jobs", "started", "is_due"),
    [(ValueError("unforeseen"), ["failed"], 1, False), (OperationalError("the database is away"), [], 0, True)],
)
def test_a_start_that_goes_wrong_loses_no_run(template, monkeypatch, error, jobs, started, is_due):
    made = schedule(template)
    monkeypatch.setattr(due, "start", Mock(side_effect=error))
    assert due.launch_due() == started
    assert list(Job.objects.values_list("status", flat=True)) == jobs
    made.refresh_from_db()
    assert (made.next_run < timezone.now()) is is_due


def test_a_rule_that_cannot_be_read_any_more_switches_the_schedule_off(template):
    made = schedule(template)
    Schedule.objects.filter(pk=made.pk).update(rrule="nonsense")
    due.launch_due()
    made.refresh_from_db()
    assert (made.enabled, made.next_run) == (False, None)


def test_workflows_and_cleanings_are_scheduled_too(template):
    workflow = WorkflowJobTemplate.objects.create(name="wf", organization=Organization.objects.get())
    cleaning = SystemJobTemplate.objects.create(name="c", job_type="cleanup_jobs")
    schedule(workflow)
    schedule(cleaning, extra_data={"days": 30})
    assert due.launch_due() == 2
    assert WorkflowJob.objects.get().launch_type == "scheduled"
    assert json.loads(SystemJob.objects.get().extra_vars) == {"days": 30}
