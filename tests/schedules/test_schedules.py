"""Schedules over the API: rules, prompts, rights, previews."""

from datetime import UTC, datetime

import pytest

from apps.rbac import services
from tests.factories import World

DAILY = "DTSTART:20380101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(admin):
    return World(admin)


@pytest.fixture
def template(world):
    return world.make("job_templates")


def post(client, template, **body):
    data = {"name": "s", "rrule": DAILY, "unified_job_template": template.pk} | body
    return client.post("/api/v2/schedules/", data, format="json")


def test_a_schedule_knows_its_times_and_tells_its_template(admin, api, template):
    made = post(api(admin), template)
    assert made.status_code == 201, made.data
    body = made.json()
    assert (body["next_run"], body["dtend"], body["timezone"], body["until"]) == (
        "2038-01-01T00:00:00Z",
        None,
        "UTC",
        "",
    )
    assert body["related"]["unified_job_template"] == f"/api/v2/job_templates/{template.pk}/"
    assert body["related"]["unified_jobs"] == f"/api/v2/schedules/{body['id']}/jobs/"
    assert body["summary_fields"]["unified_job_template"]["unified_job_type"] == "job"
    assert body["summary_fields"]["inventory"]["id"] == template.inventory_id
    assert body["inventory"] is None
    template.refresh_from_db()
    assert template.next_job_run == datetime(2038, 1, 1, tzinfo=UTC)


def test_a_disabled_schedule_never_runs(admin, api, template):
    client = api(admin)
    url = post(client, template).json()["url"]
    assert client.patch(url, {"enabled": False}, format="json").json()["next_run"] is None
    assert client.patch(url, {"enabled": True}, format="json").json()["next_run"] == "2038-01-01T00:00:00Z"
    assert client.delete(url).status_code == 204
    template.refresh_from_db()
    assert template.next_job_run is None


@pytest.mark.parametrize("rrule", ["", "x", None, [DAILY], "DTSTART:20380308T050000Z RRULE:FREQ=DAILY"])
def test_a_bad_rule_names_the_field(admin, api, template, rrule):
    answer = post(api(admin), template, rrule=rrule)
    assert answer.status_code == 400
    assert list(answer.json()) == ["rrule"]


def test_a_name_is_taken_once_per_template(admin, api, template):
    post(api(admin), template)
    assert post(api(admin), template).status_code == 400


def test_prompts_must_be_asked_for(admin, api, template):
    refused = post(api(admin), template, limit="web", extra_data={"a": 1}).json()
    assert set(refused) == {"limit", "extra_data"}
    template.ask_limit_on_launch = template.ask_variables_on_launch = True
    template.save()
    body = post(api(admin), template, limit="web", extra_data={"a": 1}).json()
    assert (body["limit"], body["extra_data"], body["job_tags"]) == ("web", {"a": 1}, None)


def test_secret_answers_are_kept_and_never_shown(admin, api, template):
    template.survey_enabled = True
    template.survey_spec = {"spec": [{"variable": "pw", "type": "password", "question_name": "q", "required": True}]}
    template.save()
    client = api(admin)
    body = post(client, template, extra_data={"pw": "hunter2"}).json()
    assert body["extra_data"] == {"pw": "$encrypted$"}
    client.patch(body["url"], {"extra_data": {"pw": "$encrypted$"}}, format="json")
    from apps.unified.models import Schedule

    assert Schedule.objects.get(pk=body["id"]).prompts()["extra_vars"] == {"pw": "hunter2"}
    assert post(client, template, name="t", extra_data={"pw": "$encrypted$"}).status_code == 400


def test_whoever_may_start_the_template_may_schedule_it(api, world, template):
    user = world.make("users")
    client = api(user)
    assert post(client, template).status_code == 403
    services.grant(template.role("read_role"), user=user)
    assert post(client, template).status_code == 403
    services.grant(template.role("execute_role"), user=user)
    body = post(client, template).json()
    assert body["summary_fields"]["user_capabilities"] == {"edit": True, "delete": True}
    assert client.patch(body["url"], {"description": "d"}, format="json").status_code == 200


def test_readers_see_schedules_and_outsiders_do_not(admin, api, world, template):
    url = post(api(admin), template).json()["url"]
    reader, outsider = world.make("users"), world.make("users")
    services.grant(template.role("read_role"), user=reader)
    assert api(reader).get(url).status_code == 200
    assert api(reader).patch(url, {"description": "d"}, format="json").status_code == 403
    assert api(outsider).get(url).status_code == 404
    assert api(outsider).get("/api/v2/schedules/").json()["count"] == 0


def test_the_sublists_of_a_schedule(admin, api, world, template):
    client = api(admin)
    url = post(client, template).json()["url"]
    group, label, credential = world.make("instance_groups"), world.make("labels"), world.make("credentials")
    assert client.post(f"{url}instance_groups/", {"id": group.pk}, format="json").status_code == 204
    assert client.post(f"{url}labels/", {"id": label.pk}, format="json").status_code == 204
    assert "msg" in client.post(f"{url}credentials/", {"id": credential.pk}, format="json").json()
    template.ask_credential_on_launch = True
    template.save()
    assert client.post(f"{url}credentials/", {"id": credential.pk}, format="json").status_code == 204
    assert [client.get(f"{url}{name}/").json()["count"] for name in ("instance_groups", "labels", "credentials")] == [
        1,
        1,
        1,
    ]
    assert client.get(f"{url}jobs/").json()["count"] == 0


def test_a_preview_shows_ten_times_at_most(admin, api):
    client = api(admin)
    found = client.post("/api/v2/schedules/preview/", {"rrule": DAILY}, format="json").json()
    assert len(found["local"]) == len(found["utc"]) == 10
    zoned = "DTSTART;TZID=America/New_York:20380312T050000 RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    body = client.post("/api/v2/schedules/preview/", {"rrule": zoned}, format="json").json()
    assert body == {"local": ["2038-03-12T05:00:00-05:00"], "utc": ["2038-03-12T10:00:00Z"]}
    assert client.post("/api/v2/schedules/preview/", {}, format="json").status_code == 400
    assert api().post("/api/v2/schedules/preview/", {"rrule": DAILY}, format="json").status_code == 401


def test_the_time_zones(admin, api):
    found = api(admin).get("/api/v2/schedules/zoneinfo/").json()
    assert "Europe/Prague" in found["zones"]
    assert isinstance(found["links"], dict)
