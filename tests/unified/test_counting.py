"""Counts of long lists: by the family's table alone, and not again for every page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import pagination
from apps.identity.models import User
from apps.jobs.models import AdHocCommand, Job
from apps.rbac import services
from apps.unified.models import UnifiedJob
from apps.unified.models.counting import of_family
from tests.factories import World

pytestmark = pytest.mark.django_db
JOBS = "/api/v2/jobs/"


@pytest.fixture
def world(admin):
    made = World(admin)
    for _ in range(3):
        made.make("jobs")
    made.make("project_updates")
    return made


@pytest.fixture
def reader(world):
    user = User.objects.create_user("reader", password="x")
    services.grant(world.template.role("read_role"), user=user)
    return user


@pytest.mark.parametrize(
    "narrow",
    [
        lambda rows: rows,
        lambda rows: rows.filter(status="successful", name__icontains="n"),
        lambda rows: rows.exclude(status="failed"),
        lambda rows: rows.filter(unified_job_template__in=UnifiedJob.objects.values("unified_job_template")),
    ],
)
def test_counts_by_the_family_are_those_of_the_kind(world, narrow):
    rows = narrow(Job.objects.all())
    assert of_family(rows) is not None
    with CaptureQueriesContext(connection) as seen:
        assert rows.count() == len(list(rows))
    assert "jobs_job" not in seen[0]["sql"]


@pytest.mark.parametrize(
    "narrow",
    [
        lambda rows: rows.filter(playbook="hello_world.yml"),
        lambda rows: rows.filter(pk__gt=0),
        lambda rows: rows.filter(labels__name="x"),
        lambda rows: rows.distinct(),
        lambda rows: rows[:2],
    ],
)
def test_what_asks_for_more_is_counted_as_it_is(world, narrow):
    rows = narrow(Job.objects.all())
    assert of_family(rows) is None
    assert rows.count() == len(list(rows))


def test_a_reader_is_told_the_number_of_what_he_sees(world, reader, api):
    other = world.make("job_templates")
    Job.objects.filter(pk=world.make("jobs").pk).update(unified_job_template=other)
    assert api(reader).get(JOBS).json()["count"] == 3
    assert api(reader).get("/api/v2/unified_jobs/").json()["count"] == 3


def test_readers_of_an_inventory_find_its_commands_among_all_jobs(world, reader, api):
    services.grant(world.inventory.role("read_role"), user=reader)
    mine = AdHocCommand.objects.create(name="c", inventory=world.inventory)
    AdHocCommand.objects.create(name="c", inventory=world.make("inventories"))
    body = api(reader).get("/api/v2/unified_jobs/?type=ad_hoc_command").json()
    assert [row["id"] for row in body["results"]] == [mine.pk]


class TestLongCounts:
    @pytest.fixture(autouse=True)
    def every_count_is_long(self, monkeypatch):
        monkeypatch.setattr(pagination, "LONG_COUNTS", {})
        monkeypatch.setattr(pagination, "MANY_ROWS", 2)
        monkeypatch.setattr(pagination, "LONG_SECONDS", 0.0)
        monkeypatch.setattr(pagination, "KEPT_FOR", 1e9)

    def test_a_long_count_is_not_repeated_for_each_page(self, world, api, admin):
        assert api(admin).get(f"{JOBS}?page_size=1").json()["count"] == 3
        world.make("jobs")
        with CaptureQueriesContext(connection) as seen:
            body = api(admin).get(f"{JOBS}?page_size=1&page=2&order_by=-id").json()
        assert body["count"] == 3
        assert [query for query in seen if "COUNT(" in query["sql"]] == []

    def test_other_filters_people_and_lists_have_counts_of_their_own(self, world, reader, api, admin):
        api(admin).get(JOBS)
        world.make("jobs")
        assert api(admin).get(f"{JOBS}?status=successful").json()["count"] == 4
        assert api(reader).get(JOBS).json()["count"] == 4
        assert api(admin).get(f"/api/v2/job_templates/{world.template.pk}/jobs/").json()["count"] == 4

    def test_it_is_counted_again_after_some_seconds(self, world, api, admin, monkeypatch):
        monkeypatch.setattr(pagination, "MOST_SECONDS", 0.0)
        api(admin).get(JOBS)
        world.make("jobs")
        assert api(admin).get(JOBS).json()["count"] == 4

    def test_short_lists_are_always_counted(self, world, api, admin, monkeypatch):
        monkeypatch.setattr(pagination, "MANY_ROWS", 1000)
        api(admin).get(JOBS)
        world.make("jobs")
        assert api(admin).get(JOBS).json()["count"] == 4

    def test_not_more_than_some_are_remembered(self, world, api, admin, monkeypatch):
        monkeypatch.setattr(pagination, "MOST_KEPT", 2)
        for number in range(4):
            api(admin).get(f"{JOBS}?id__gt=-{number}")
        assert len(pagination.LONG_COUNTS) == 2
