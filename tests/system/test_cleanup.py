"""Cleaning: old jobs go with all that hangs on them, by a constant number of statements."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.identity.models import Label, Organization
from apps.jobs.models import Job, JobHostSummary, JobTemplate
from apps.system.cleanup import jobs, stream
from apps.system.models import SystemJob
from apps.system.runs import SystemRun
from apps.unified.models import JobLaunchConfig, UnifiedJob
from apps.unified.runner.kinds import Refused
from apps.workflows.models import WorkflowJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def template(db):
    return JobTemplate.objects.create(name="jt")


def make(template, days, status="successful"):
    job = Job.objects.create(name="j", job_template=template, unified_job_template_id=template.pk, status=status)
    UnifiedJob.objects.non_polymorphic().filter(pk=job.pk).update(created=timezone.now() - timedelta(days=days))
    return job


def test_old_jobs_go_and_young_and_running_ones_stay(template):
    old, young, running = make(template, 100), make(template, 10), make(template, 100, "running")
    template.last_job = old
    template.save()
    JobHostSummary.objects.create(job=old, host_name="h")
    JobLaunchConfig.objects.create(job=old)
    organization = Organization.objects.create(name="o")
    old.labels.add(Label.objects.create(name="l", organization=organization))
    assert jobs.clean(["jobs"], 90) == {"jobs": 1}
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, running.pk}
    assert not JobHostSummary.objects.exists()
    template.refresh_from_db()
    assert template.last_job_id is None


def test_the_last_ones_of_each_template_can_be_kept(template):
    made = [make(template, 100) for _ in range(4)]
    assert jobs.clean(["jobs"], 90, keep=2) == {"jobs": 2}
    assert list(Job.objects.order_by("pk").values_list("pk", flat=True)) == [job.pk for job in made[2:]]


def test_a_dry_run_only_counts(template):
    make(template, 100)
    assert jobs.clean(["jobs"], 90, dry_run=True) == {"jobs": 1}
    assert Job.objects.count() == 1


def test_a_workflow_goes_with_its_nodes_and_leaves_the_jobs_of_other_kinds(template):
    job = make(template, 100)
    workflow = WorkflowJob.objects.create(name="w", status="successful")
    UnifiedJob.objects.non_polymorphic().filter(pk=workflow.pk).update(created=timezone.now() - timedelta(days=100))
    workflow.workflow_job_nodes.create(job=job)
    assert jobs.clean(["workflow_jobs"], 90) == {"workflow_jobs": 1}
    assert Job.objects.filter(pk=job.pk).exists()


def test_the_number_of_statements_does_not_grow_with_the_jobs(template, django_assert_max_num_queries):
    for _ in range(30):
        make(template, 100)
    with django_assert_max_num_queries(120):
        jobs.clean(["jobs"], 90)


def test_the_command_says_what_it_did(template, capsys):
    make(template, 100)
    call_command("cleanup_jobs", "--days", "90", "--jobs")
    assert capsys.readouterr().out == "jobs: 1 deleted\n"
    with pytest.raises(CommandError):
        call_command("cleanup_jobs", "--days", "-1")


def test_the_activity_stream_is_cleaned(admin):
    from apps.activity.models import ActivityStream

    Organization.objects.create(name="o")
    ActivityStream.objects.update(timestamp=timezone.now() - timedelta(days=400))
    assert stream.clean(355) > 0
    assert not ActivityStream.objects.exists()


@pytest.mark.parametrize("days", ["ten", -1, 1.5, True, None, "1; rm", [1]])
def test_days_that_are_no_number_never_reach_a_command_line(days):
    import json

    job = SystemJob(job_type="cleanup_jobs", extra_vars=json.dumps({"days": days}))
    with pytest.raises(Refused):
        SystemRun(job).prepare()


def test_the_command_line_of_a_cleaning():
    argv = SystemRun(SystemJob(job_type="cleanup_jobs", extra_vars='{"days": 30}')).prepare().argv
    assert argv[-3:] == ["cleanup_jobs", "--days", "30"]


class TestEvents:
    @pytest.fixture
    def say(self):
        from django.db import connection

        from apps.unified.events import tables
        from apps.unified.models import JobEvent

        def store(job):
            job.refresh_from_db()
            tables.ensure(JobEvent, tables.day_of(job.created))
            values = {
                field.column: "{}" if field.name == "event_data" else field.get_default()
                for field in JobEvent._meta.concrete_fields
                if not field.primary_key and not field.null
            } | {"job_id": job.pk, "job_created": job.created, "created": job.created, "modified": job.created}
            columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO unified_jobevent ({columns}) VALUES ({marks})", list(values.values()))  # noqa: S608

        return store

    def test_the_events_of_a_day_without_jobs_go_with_their_partition(self, template, say):
        from apps.unified.events import tables
        from apps.unified.models import JobEvent

        job = make(template, 100)
        say(job)
        day = tables.day_of(job.created)
        assert day in tables.days(JobEvent)
        jobs.clean(["jobs"], 90)
        assert day not in tables.days(JobEvent)

    def test_the_partition_of_today_stays_since_others_remember_it(self, template, say):
        from apps.unified.events import tables
        from apps.unified.models import JobEvent

        job = make(template, 0)
        say(job)
        day = tables.day_of(job.created)
        jobs.clean(["jobs"], 0)
        assert day in tables.days(JobEvent)
        assert not JobEvent.objects.exists()

    def test_where_a_job_of_the_day_stays_only_its_events_stay(self, template, say):
        from apps.unified.models import JobEvent

        gone, stays = make(template, 100), make(template, 100, "running")
        say(gone)
        say(stays)
        jobs.clean(["jobs"], 90)
        left = JobEvent.objects.filter(job_id__in=(gone.pk, stays.pk))
        assert list(left.values_list("job_id", flat=True)) == [stays.pk]


class TestSeveralConnections:
    @pytest.fixture(autouse=True)
    def small_batches(self, transactional_db, monkeypatch):
        monkeypatch.setattr(jobs, "BATCH", 3)
        monkeypatch.setattr(jobs.os, "cpu_count", lambda: 2)

    def test_many_batches_are_deleted_over_several_connections(self, template, monkeypatch):
        apart = []
        monkeypatch.setattr(jobs, "erase_apart", lambda *args, did=jobs.erase_apart: apart.append(args) or did(*args))
        made = [make(template, 100 if n % 4 else 10) for n in range(20)]
        assert jobs.clean(["jobs"], 90) == {"jobs": 15}
        assert len(apart) == 5
        assert list(Job.objects.order_by("pk").values_list("pk", flat=True)) == [job.pk for job in made[::4]]

    def test_a_batch_that_met_another_one_is_tried_again(self, template, monkeypatch):
        from django.db import OperationalError
        from psycopg2.errors import DeadlockDetected

        calls = []

        def meets(model, ids, bar, did=jobs.erase_batch):
            calls.append(ids)
            if len(calls) == 1:
                raise OperationalError from DeadlockDetected()
            return did(model, ids, bar)

        monkeypatch.setattr(jobs, "erase_batch", meets)
        for _ in range(8):
            make(template, 100)
        assert jobs.clean(["jobs"], 90) == {"jobs": 8}
        assert len(calls) == 4

    def test_a_fault_that_is_none_of_this_ends_the_cleaning(self, template, monkeypatch):
        from django.db import OperationalError

        def fails(model, ids, bar):
            raise OperationalError("the database is gone")

        monkeypatch.setattr(jobs, "erase_batch", fails)
        for _ in range(8):
            make(template, 100)
        with pytest.raises(OperationalError, match="gone"):
            jobs.clean(["jobs"], 90)
        assert Job.objects.count() == 8
