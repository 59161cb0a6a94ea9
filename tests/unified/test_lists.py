"""Unified lists: each row by its own kind, for those who may see it; canceling and deleting jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.identity.models import User
from apps.rbac import services as rbac
from apps.unified import services
from apps.unified.models import UnifiedJob
from tests.factories import World

pytestmark = pytest.mark.django_db
JOBS, TEMPLATES = "/api/v2/unified_jobs/", "/api/v2/unified_job_templates/"


@pytest.fixture
def world(admin: Any) -> World:
    return World(admin)


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob", password="x")


def test_each_row_is_shown_by_its_own_kind(api: Callable[..., Any], admin: Any, world: World) -> None:
    job, update = world.make("jobs"), world.make("project_updates")
    found = {row["id"]: row for row in api(admin).get(JOBS).data["results"]}
    assert found[job.pk]["type"] == "job"
    assert found[job.pk]["url"] == f"/api/v2/jobs/{job.pk}/"
    assert "playbook" in found[job.pk]
    assert found[update.pk]["type"] == "project_update"
    assert "playbook" not in found[update.pk]
    assert found[update.pk]["related"]["unified_job_template"] == f"/api/v2/projects/{world.project.pk}/"
    summary = found[job.pk]["summary_fields"]["unified_job_template"]
    assert summary["unified_job_type"] == "job"
    assert "job_args" not in found[job.pk]


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("or__type=job&or__type=workflow_job", {"job"}),
        ("or__type=job&or__type=project_update", {"job", "project_update"}),
        ("not__type=job", {"project_update"}),
        ("type__icontains=project_up", {"project_update"}),
        ("chain__type=project_update&chain__type=job", set()),
        ("unified_job_template__type=project", {"project_update"}),
        ("unified_job_template__type__startswith=job_", {"job"}),
        ("type__in=job,project_update", set()),
    ],
)
def test_types_are_filtered_like_other_columns(
    api: Callable[..., Any], admin: Any, bob: User, world: World, query: str, types: set[str]
) -> None:
    job, update = world.make("jobs"), world.make("project_updates")
    rbac.grant(job.job_template.role("read_role"), user=bob)
    rbac.grant(update.project.role("read_role"), user=bob)
    for person in (admin, bob):
        assert {row["type"] for row in api(person).get(f"{JOBS}?{query}").data["results"]} == types


@pytest.mark.parametrize(
    "path",
    [
        "unified_jobs/?unified_job_template__project__id={project}&order_by=unified_job_template__project__id",
        "unified_jobs/?project_update__scm_type=&order_by=-job__inventory__id",
        "unified_job_templates/?project__scm_type=",
        "projects/?last_update_failed=false&current_update__isnull=true&order_by=-last_updated,last_update",
        "schedules/?order_by=unified_job_template__polymorphic_ctype__model",
    ],
)
def test_kinds_and_old_names_lead_to_their_columns(
    api: Callable[..., Any], admin: Any, bob: User, world: World, path: str
) -> None:
    update = world.make("project_updates")
    rbac.grant(update.project.role("read_role"), user=bob)
    for person in (admin, bob):
        answer = api(person).get(f"/api/v2/{path.format(project=update.project_id)}")
        assert answer.status_code == 200, answer.content
        assert answer.data["count"] == (0 if path.startswith("schedules") else 1)


def test_templates_are_sorted_by_the_columns_of_a_kind(api: Callable[..., Any], admin: Any, world: World) -> None:
    world.make("job_templates")
    for key in ("job_template__inventory__id", "jobtemplate__project__id", "-job_template__playbook"):
        assert api(admin).get(f"{TEMPLATES}?type=job_template&order_by={key}").data["count"] == 1
    assert api(admin).get(f"{TEMPLATES}?job_template__playbook__icontains=y").data["count"] == 1
    for query in ("job_template__survey_spec=x", "job_template__host_config_key=x", "order_by=project__webhook_key"):
        assert api(admin).get(f"{TEMPLATES}?{query}").status_code in (400, 403), query


def test_a_list_of_one_kind_has_no_types_to_compare(api: Callable[..., Any], admin: Any) -> None:
    for query in ("or__type=user", "type__in=user", "not__type__icontains=x", "order_by=created_by__type",
                  "oauth2_grants__isnull=true", "sessions__isnull=true", "external_accounts=1"):  # fmt: skip
        assert api(admin).get(f"/api/v2/users/?{query}").status_code == 400, query
    assert api(admin).get(f"{JOBS}?or__type__regex=(").status_code == 400


def test_the_list_is_narrowed_by_type(api: Callable[..., Any], admin: Any, world: World) -> None:
    world.make("jobs")
    world.make("project_updates")
    client = api(admin)
    assert {row["type"] for row in client.get(JOBS, {"type": "project_update"}).data["results"]} == {"project_update"}
    assert client.get(JOBS, {"type": "project_update,job"}).data["count"] == 2
    assert client.get(JOBS, {"type": "nonsense"}).data["count"] == 0


def test_a_page_costs_the_same_however_long_it_is(api: Callable[..., Any], world: World, bob: User) -> None:
    rbac.grant(world.organization.role("auditor_role"), user=bob)
    client = api(bob)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    for path, slugs in ((JOBS, ("jobs", "project_updates")), (TEMPLATES, ("job_templates", "projects"))):
        for slug in slugs:
            world.make(slug)
        client.get(path)
        few = queries(path)
        for _ in range(5):
            for slug in slugs:
                world.make(slug)
        assert queries(path) == few


def test_who_reads_the_template_reads_its_jobs(api: Callable[..., Any], world: World, bob: User) -> None:
    job, update = world.make("jobs"), world.make("project_updates")
    client = api(bob)
    assert client.get(JOBS).data["count"] == 0
    assert client.get(TEMPLATES).data["count"] == 0
    rbac.grant(world.template.role("read_role"), user=bob)
    assert [row["id"] for row in client.get(JOBS).data["results"]] == [job.pk]
    assert [row["id"] for row in client.get(TEMPLATES).data["results"]] == [world.template.pk]
    rbac.grant(world.project.role("read_role"), user=bob)
    assert [row["id"] for row in client.get(JOBS).data["results"]] == [job.pk, update.pk]


def test_an_auditor_of_the_organization_reads_its_jobs(api: Callable[..., Any], world: World, bob: User) -> None:
    job = world.make("jobs")
    rbac.grant(world.organization.role("auditor_role"), user=bob)
    rows = api(bob).get(JOBS).data["results"]
    assert [row["id"] for row in rows] == [job.pk]
    assert rows[0]["summary_fields"]["user_capabilities"] == {"delete": False, "start": False}


def test_nothing_is_made_in_the_unified_lists(api: Callable[..., Any], admin: Any) -> None:
    assert api(admin).post(JOBS, {}).status_code == 405
    assert api(admin).post(TEMPLATES, {}).status_code == 405


def test_options_name_the_types(api: Callable[..., Any], admin: Any) -> None:
    types = api(admin).options(JOBS).data["types"]
    assert sorted(types) == [
        "ad_hoc_command", "inventory_update", "job", "project_update", "system_job", "workflow_job",
    ]  # fmt: skip


@pytest.fixture
def pending(world: World) -> Any:
    job = services.create_job(world.template, created_by=world.admin)
    return services.submit(job)


def test_a_pending_job_is_canceled(api: Callable[..., Any], admin: Any, pending: Any) -> None:
    url = f"/api/v2/jobs/{pending.pk}/cancel/"
    assert api(admin).get(url).data == {"can_cancel": True}
    assert api(admin).post(url, {}).status_code == 202
    pending.refresh_from_db()
    assert pending.status == "canceled"
    assert api(admin).get(url).data == {"can_cancel": False}
    assert api(admin).post(url, {}).status_code == 405


def test_who_only_reads_cancels_nothing(api: Callable[..., Any], world: World, bob: User, pending: Any) -> None:
    url = f"/api/v2/jobs/{pending.pk}/cancel/"
    assert api(bob).post(url, {}).status_code == 404
    rbac.grant(world.template.role("execute_role"), user=bob)
    assert api(bob).post(url, {}).status_code == 403
    UnifiedJob.objects.non_polymorphic().filter(pk=pending.pk).update(created_by=bob)
    assert api(bob).post(url, {}).status_code == 202


def test_a_job_that_is_not_over_is_not_deleted(api: Callable[..., Any], admin: Any, pending: Any) -> None:
    url = f"/api/v2/jobs/{pending.pk}/"
    assert api(admin).delete(url).status_code == 403
    services.finish(pending, "failed")
    assert api(admin).delete(url).status_code == 204
    assert api(admin).get(url).status_code == 404


def test_launchers_do_not_delete(api: Callable[..., Any], world: World, bob: User) -> None:
    job = world.make("jobs")
    rbac.grant(world.template.role("admin_role"), user=bob)
    assert api(bob).delete(f"/api/v2/jobs/{job.pk}/").status_code == 403
    rbac.grant(world.organization.role("admin_role"), user=bob)
    assert api(bob).delete(f"/api/v2/jobs/{job.pk}/").status_code == 204


def test_a_running_job_shows_how_long_it_has_run(api: Callable[..., Any], admin: Any, pending: Any) -> None:
    UnifiedJob.objects.non_polymorphic().filter(pk=pending.pk).update(
        status="running", started=timezone.now() - timedelta(seconds=5)
    )
    assert 5 <= api(admin).get(f"/api/v2/jobs/{pending.pk}/").data["elapsed"] < 60
