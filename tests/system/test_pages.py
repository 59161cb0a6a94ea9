"""ping, config, dashboard, metrics, analytics, the service index: who sees what."""

import pytest

from apps.rbac import services
from apps.system.models import SystemJobTemplate
from tests.factories import World

V2 = "/api/v2/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(admin):
    return World(admin)


@pytest.fixture
def client(admin, api):
    return api(admin)


@pytest.fixture
def user(world):
    return world.make("users")


@pytest.fixture
def auditor(user):
    user.is_system_auditor = True
    user.save()
    return user


def test_ping_is_open_and_tells_the_version(api, world):
    world.make("instance_groups")
    body = api().get(f"{V2}ping/").json()
    assert set(body) == {"ha", "version", "active_node", "install_uuid", "instances", "instance_groups"}
    assert (body["version"], body["ha"]) == ("24.6.1", False)
    assert body["instance_groups"][0]["instances"] == []


def test_config_shows_paths_to_administrators_only(client, api, user, world):
    assert {"project_base_dir", "project_local_paths", "custom_virtualenvs"} <= set(client.get(f"{V2}config/").json())
    body = api(user).get(f"{V2}config/").json()
    assert "project_base_dir" not in body
    assert body["license_info"]["license_type"] == "open"
    services.grant(world.organization.role("admin_role"), user=user)
    assert "project_base_dir" in api(user).get(f"{V2}config/").json()
    assert api().get(f"{V2}config/").status_code == 401


def test_no_licence_is_taken(client, api, user):
    assert "error" in client.post(f"{V2}config/", {"manifest": "x"}, format="json").json()
    assert client.delete(f"{V2}config/").status_code == 204
    assert api(user).post(f"{V2}config/", {}, format="json").status_code == 403
    assert api(user).post(f"{V2}config/attach/", {}, format="json").status_code == 403


def test_the_dashboard_counts_what_the_user_sees(client, api, user, world):
    world.make("job_templates")
    body = client.get(f"{V2}dashboard/").json()
    assert body["job_templates"]["total"] == body["inventories"]["total"] == body["projects"]["total"] == 1
    assert set(body["scm_types"]) == {"git", "svn", "archive"}
    assert api(user).get(f"{V2}dashboard/").json()["job_templates"]["total"] == 0


@pytest.mark.parametrize(("period", "bars"), [("day", 25), ("week", 8), ("two_weeks", 15), ("month", 32)])
def test_the_graph_has_a_bar_a_day_or_hour(client, world, period, bars):
    world.make("jobs")
    body = client.get(f"{V2}dashboard/graphs/jobs/", {"period": period}).json()
    assert len(body["jobs"]["successful"]) == len(body["jobs"]["failed"]) == bars
    assert sum(count for _, count in body["jobs"]["successful"]) == 1
    assert sum(count for _, count in body["jobs"]["failed"]) == 0


def test_a_graph_of_something_unknown(client):
    assert client.get(f"{V2}dashboard/graphs/jobs/", {"period": "eon"}).status_code == 400
    assert client.get(f"{V2}dashboard/graphs/jobs/", {"job_type": "x"}).status_code == 200


def test_metrics_as_json_and_as_text(client, api, user):
    body = client.get(f"{V2}metrics/", {"format": "json"}).json()
    assert body["awx_users_total"]["samples"] == [{"labels": {}, "value": 2}]
    text = client.get(f"{V2}metrics/", {"format": "txt"}).content.decode()
    assert "# TYPE awx_users_total gauge\nawx_users_total 2.0\n" in text
    assert api(user).get(f"{V2}metrics/").status_code == 403
    assert api().get(f"{V2}metrics/").status_code == 401


def test_analytics_say_that_there_is_no_service(client, api, user):
    assert client.get(f"{V2}analytics/authorized/").status_code == 403
    assert client.get(f"{V2}analytics/reports/").status_code == 405
    assert client.post(f"{V2}analytics/reports/", {}, format="json").status_code == 403
    assert "authorized" in client.get(f"{V2}analytics/").json()


def test_the_service_index_lists_shared_resources(client, api, user, world):
    world.make("teams")
    body = client.get(f"{V2}service-index/resources/", {"resource_type": "shared.team"}).json()
    assert (body["count"], body["results"][0]["resource_type"]) == (1, "shared.team")
    assert client.get(body["results"][0]["url"]).json() == body["results"][0]
    assert client.get(f"{V2}service-index/resource-types/").json()["count"] == 3
    made = client.post(
        f"{V2}service-index/resources/",
        {"resource_type": "shared.organization", "resource_data": {"name": "new"}}, format="json",
    )  # fmt: skip
    assert (made.status_code, made.json()["name"]) == (201, "new")
    assert api(user).get(f"{V2}service-index/resources/").status_code == 403


def test_an_account_is_validated_by_its_password(api, admin):
    url = f"{V2}service-index/validate-local-account/"
    good = api().post(url, {"username": "admin", "password": "admin"}, format="json")
    assert good.json() == {"ansible_id": str(admin.ansible_id)}
    assert api().post(url, {"username": "admin", "password": "x"}, format="json").status_code == 401


class TestSystemJobs:
    @pytest.fixture
    def template(self, db):
        return SystemJobTemplate.objects.create(name="Cleanup", job_type="cleanup_jobs")

    def test_superusers_launch_and_auditors_read(self, client, api, auditor, template):
        url = f"{V2}system_job_templates/{template.pk}/"
        answer = client.post(f"{url}launch/", {"extra_vars": {"days": 5}}, format="json")
        assert answer.status_code == 201
        body = answer.json()
        assert (body["system_job"], body["extra_vars"], body["job_type"]) == (body["id"], '{"days": 5}', "cleanup_jobs")
        assert api(auditor).get(f"{V2}system_jobs/{body['id']}/").status_code == 200
        assert api(auditor).post(f"{url}launch/", {}, format="json").status_code == 403
        assert client.get(f"{url}jobs/").json()["count"] == 1
        assert client.get(f"{V2}system_jobs/{body['id']}/events/").json()["count"] == 0

    def test_ordinary_users_are_refused(self, api, user, template):
        client = api(user)
        assert client.get(f"{V2}system_job_templates/").status_code == 403
        assert client.get(f"{V2}system_jobs/").status_code == 403
        assert client.post(f"{V2}system_job_templates/{template.pk}/launch/", {}, format="json").status_code == 403

    @pytest.mark.parametrize("variables", [{"days": "ten"}, {"hours": 1}, {"days": -1}, [1]])
    def test_schedules_check_their_variables(self, client, template, variables):
        body = {"name": "s", "rrule": "DTSTART:20380101T000000Z RRULE:FREQ=DAILY;INTERVAL=1", "extra_data": variables}
        answer = client.post(f"{V2}system_job_templates/{template.pk}/schedules/", body, format="json")
        assert answer.status_code == 400
        assert list(answer.json()) == ["extra_data"]
        body["extra_data"] = {"days": 90}
        made = client.post(f"{V2}system_job_templates/{template.pk}/schedules/", body, format="json")
        assert made.json()["extra_data"] == {"days": 90}
