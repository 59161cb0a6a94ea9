"""check_db, stats, graph_jobs, host_metric and its companions: what operators type."""

import csv
import io
import json
import tarfile
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.core.progress import Progress
from apps.inventory.models import HostMetric, HostMetricSummaryMonthly
from apps.inventory.services import metrics
from apps.unified.history import history
from apps.unified.management.commands.graph_jobs import draw
from tests.factories import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def run(*words, **options):
    """What a command writes."""
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


# --- the database ---------------------------------------------------------------------------------------------------


def test_check_db_tells_the_version_and_that_all_is_well():
    text = run("check_db")
    assert text.startswith("Database Version: PostgreSQL ")
    assert text.endswith("All is well.\n")


def test_check_db_fails_where_migrations_are_missing():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'system'")
    with pytest.raises(CommandError, match=r"Migrations are missing.*system\.0001_initial"):
        run("check_db")


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.fixture
def job(admin):
    """Makes a job that was made, started and ended so many minutes before NOW."""
    world = World(admin)

    def make(created, started=None, finished=None, status="successful", **columns):
        made = world.make("jobs")
        times = {"created": created, "started": started, "finished": finished}
        values = {k: NOW - timedelta(minutes=v) if v is not None else None for k, v in times.items()}
        type(made).objects.filter(pk=made.pk).update(status=status, **values, **columns)
        return made

    return make


def test_stats_counts_and_rates_the_last_hours(job):
    now_shift = (timezone.now() - NOW).total_seconds() / 60
    job(30 - now_shift, 29 - now_shift, 27 - now_shift, emitted_events=7200, elapsed=120)
    job(200 - now_shift, 199 - now_shift, 198 - now_shift, emitted_events=5)
    found = json.loads(run("stats", "--json", "--hours", "2"))
    assert found["objects"]["job_templates"] == 1
    assert found["jobs"] == {"successful": 2}
    assert found["lately"]["jobs_finished"] == 1
    assert found["lately"]["events_per_second"] == 1.0
    assert found["lately"]["wait_seconds"]["median"] == 60.0
    assert found["busiest_templates"][0]["jobs"] == 1
    assert "jobs per hour" in run("stats")
    with pytest.raises(CommandError, match="--hours"):
        run("stats", "--hours", "0")


def test_history_counts_who_waited_and_who_ran_at_each_moment(job):
    job(8, 6, 2)
    job(5, status="pending")
    job(7, None, 4, status="canceled")
    found = history(timedelta(minutes=10), 11, NOW)
    assert [f"{m:%M}" for m in found.moments[:2]] == ["50", "51"]
    assert found.pending == [0, 0, 1, 2, 1, 2, 1, 1, 1, 1, 1]
    assert found.running == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]


def test_jobs_that_began_before_the_window_are_in_its_first_sample(job):
    job(90, 80, status="running")
    assert history(timedelta(minutes=10), 5, NOW).running == [1, 1, 1, 1, 1]


def test_the_graph_has_the_asked_size_and_marks_both_kinds(job):
    job(8, 6, 2)
    lines = draw(history(timedelta(minutes=10), 40, NOW), 4)
    assert len(lines) == 4 + 3
    assert "." in lines[0]
    assert "#" in lines[0]
    assert all(len(line) <= 40 + 9 for line in lines[:5])
    assert run("graph_jobs", "--once", "--width", "20", "--height", "3").count("|") == 3
    with pytest.raises(CommandError, match="--width"):
        run("graph_jobs", "--once", "--width", "100000")


# --- machines -------------------------------------------------------------------------------------------------------


@pytest.fixture
def machines():
    """One first seen in each of September to November; the second was deleted in October."""
    for month, name in ((9, "a"), (9, "b"), (10, "c"), (11, "d")):
        seen = datetime(2026, month, 5, tzinfo=UTC)
        HostMetric.objects.create(hostname=name, first_automation=seen, last_automation=seen, automated_counter=2)
    HostMetric.objects.filter(hostname="b").update(deleted=True, last_deleted=datetime(2026, 10, 9, tzinfo=UTC))


def months():
    columns = ("date", "hosts_added", "hosts_deleted", "license_consumed")
    return [(day.month, *rest) for day, *rest in HostMetricSummaryMonthly.objects.values_list(*columns)]


def test_the_monthly_table_has_every_month_since_the_first_machine(machines):
    assert metrics.summarize_months(date(2026, 12, 3)) == 4
    assert months() == [(9, 2, 0, 2), (10, 1, 1, 2), (11, 1, 0, 3), (12, 0, 0, 3)]


def test_a_machine_that_comes_back_changes_the_months_before(machines):
    metrics.summarize_months(date(2026, 11, 3))
    HostMetric.objects.filter(hostname="b").update(deleted=False)
    metrics.summarize_months(date(2026, 11, 3))
    assert months() == [(9, 2, 0, 2), (10, 1, 0, 3), (11, 1, 0, 4)]


def test_months_older_than_three_years_stay_as_they_were(machines):
    HostMetric.objects.filter(hostname="a").update(first_automation=datetime(2020, 1, 1, tzinfo=UTC))
    assert metrics.summarize_months(date(2026, 11, 3)) == metrics.MONTHS
    last = HostMetricSummaryMonthly.objects.get(date=date(2026, 11, 1))
    assert last.license_consumed == 3
    assert "months worked out" in run("host_metric_summary_monthly")


def test_machines_are_written_as_json_and_csv_within_a_time(machines):
    window = ("--since", "2026-09-05", "--until", "2026-10-05")
    assert [row["hostname"] for row in json.loads(run("host_metric", "--json", *window))] == ["a", "b", "c"]
    rows = list(csv.DictReader(io.StringIO(run("host_metric", "--csv", "--since", "2026-10-05"))))
    assert [(row["hostname"], row["automated_counter"]) for row in rows] == [("c", "2"), ("d", "2")]
    assert json.loads(run("host_metric", "--json", "--until", "2020-01-01")) == []
    with pytest.raises(CommandError, match="--until"):
        run("host_metric", "--since", "2026-10-05", "--until", "2026-09-05")


def test_a_tarball_of_machines_has_files_of_the_asked_length(machines, tmp_path):
    text = run("host_metric", "--tarball", "--rows_per_file", "3", "--directory", str(tmp_path))
    assert text.startswith("4 machines in 2 files: ")
    path = next(tmp_path.glob("*.tar.gz"))
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as archive:
        lengths = {m.name: archive.extractfile(m).read().count(b"\n") for m in archive}
    assert lengths == {"./host_metric_split0.csv": 4, "./host_metric_split1.csv": 2}


def test_host_metric_counts_without_a_form(machines):
    assert run("host_metric").split("\n")[:2] == ["machines automated  4", "  that still count  3"]


def test_idle_machines_stop_to_count(machines):
    HostMetric.objects.filter(hostname="d").update(last_automation=timezone.now())
    HostMetric.objects.exclude(hostname="d").update(last_automation=timezone.now() - relativedelta(months=13))
    assert run("cleanup_host_metrics", "--months-ago", "12") == "host metrics: 2 marked as deleted\n"
    assert list(HostMetric.objects.filter(deleted=False).values_list("hostname", flat=True)) == ["d"]
    with pytest.raises(CommandError):
        run("cleanup_host_metrics", "--months-ago", "0")


# --- progress -------------------------------------------------------------------------------------------------------


def test_progress_is_drawn_on_a_terminal_and_wiped_at_the_end():
    screen = Terminal()
    with Progress("rows", 4, screen) as bar:
        bar.advance(2)
        assert "2/4" in bar.line()
        assert " 50%" in bar.line()
    assert "rows [" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[2K")


def test_progress_says_nothing_to_a_file():
    out = io.StringIO()
    with Progress("rows", None, out) as bar:
        bar.advance(3)
    assert out.getvalue() == ""
