"""Jobs: their output, events, summaries and rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.inventory.models import Host
from apps.jobs import summaries
from apps.jobs.models import Job
from tests.jobs import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(shop: Any) -> Job:
    """A finished job with events."""
    made = Job.objects.create(
        name="jt", job_template=shop.template, unified_job_template=shop.template, inventory=shop.inventory,
        project=shop.project, playbook="hello_world.yml", organization=shop.organization, status="failed", failed=True,
        finished=timezone.now(), event_processing_finished=True,
    )  # fmt: skip
    events.playbook(made)
    return made


def url(job: Job, path: str = "") -> str:
    """A path of the job."""
    return f"/api/v2/jobs/{job.pk}/{path}"


def stdout(shop: Any, job: Job, form: str, **asked: Any) -> Any:
    """GET stdout/ in a format."""
    return shop.api.get(url(job, "stdout/"), {"format": form, **asked}, HTTP_ACCEPT="*/*")


def text(answer: Any) -> str:
    """The streamed body."""
    return b"".join(answer.streaming_content).decode()


def test_plain_output_has_neither_colours_nor_links(shop: Any, job: Job) -> None:
    answer = stdout(shop, job, "txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert text(answer) == "\nPLAY [x] ***\n\nTASK [<b>] ***\nclick \nok: [one]\nfatal: [two]\n"


def test_coloured_output_keeps_only_colours(shop: Any, job: Job) -> None:
    shown = text(stdout(shop, job, "ansi"))
    assert "\x1b[0;32mok: [one]\x1b[0m" in shown
    assert "evil" not in shown
    assert "[2J" not in shown


def test_a_page_escapes_everything_but_colours(shop: Any, job: Job) -> None:
    answer = stdout(shop, job, "html")
    shown = text(answer)
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "TASK [&lt;b&gt;]" in shown
    assert '<span style="color:#080">ok: [one]</span>' in shown
    assert "<b>" not in shown
    assert "evil" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(("form", "name"), [("txt_download", ".txt"), ("ansi_download", ".ansi.txt")])
def test_downloads_are_files(shop: Any, job: Job, form: str, name: str) -> None:
    answer = stdout(shop, job, form)
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"] == f'attachment; filename="job_{job.pk}{name}"'
    assert "fatal: [two]" in text(answer)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (0, 7, 7)),
        ({"start_line": 1, "end_line": 3}, (1, 3, 7)),
        ({"start_line": -2}, (5, 7, 7)),
        ({"start_line": 100000}, (100000, 7, 7)),
    ],
)
def test_json_names_the_lines(shop: Any, job: Job, asked: Any, expected: tuple[int, int, int]) -> None:
    shown = stdout(shop, job, "json", **asked).data
    assert (shown["range"]["start"], shown["range"]["end"], shown["range"]["absolute_end"]) == expected
    assert shown["content"].count("\n") == max(0, expected[1] - expected[0])


def test_bad_formats_and_lines(shop: Any, job: Job) -> None:
    assert stdout(shop, job, "pdf").status_code == 404
    assert stdout(shop, job, "json", start_line="first").status_code == 400
    assert shop.api.get(url(job, "stdout/?format=txt"), HTTP_ACCEPT="application/json").status_code == 406
    assert stdout(shop, job, "json", content_encoding="base64").status_code == 200


def test_a_running_job_shows_what_there_is(shop: Any, job: Job) -> None:
    Job.objects.update(status="running", event_processing_finished=False)
    assert "PLAY" in text(stdout(shop, job, "txt"))
    assert shop.api.get(url(job, "job_events/children_summary/")).data["children_summary"] == {}


def test_output_is_read_in_batches(shop: Any, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.unified.stdout.BATCH", 2)
    assert text(stdout(shop, job, "txt")).endswith("fatal: [two]\n")


def test_events_with_filters_and_children(shop: Any, job: Job) -> None:
    listed = shop.api.get(url(job, "job_events/"), {"event__startswith": "playbook_on"}).data
    assert [event["event_level"] for event in listed["results"]] == [0, 1, 2, 1]
    assert listed["results"][0]["summary_fields"]["job"]["job_template_name"] == "jt"
    play = listed["results"][1]
    children = shop.api.get(play["related"]["children"]).data["results"]
    assert [event["event"] for event in children] == ["playbook_on_task_start"]
    assert shop.api.get(url(job, "job_events/"), {"failed": "true", "host_name": "two"}).data["count"] == 1
    assert shop.api.get(url(job, "job_events/"), {"nonsense": "1"}).status_code == 400
    limited = shop.api.get(url(job, "job_events/"), {"limit": "2", "counter__gt": "3"}).data
    assert (list(limited), [event["counter"] for event in limited["results"]]) == (["results"], [4, 5])
    assert shop.api.get(play["url"]).data["event_display"] == "Play Started"
    assert shop.api.get("/api/v2/job_events/").status_code == 404


def test_the_tree_is_counted(shop: Any, job: Job) -> None:
    shown = shop.api.get(url(job, "job_events/children_summary/")).data
    assert shown["is_tree"] is True
    counts = {counter: entry["numChildren"] for counter, entry in shown["children_summary"].items()}
    assert counts == {1: 6, 2: 4, 3: 3}
    assert shown["meta_event_nested_uuid"] == {4: "t"}
    asked = shop.api.options(url(job, "job_events/children_summary/"))
    assert (asked.status_code, asked.data["renders"]) == (200, ["application/json"])


def test_hosts_that_run_freely_make_no_tree(shop: Any, job: Job) -> None:
    other = Job.objects.create(name="free", unified_job_template=shop.template, event_processing_finished=True)
    events.add(
        other,
        {"event": "playbook_on_start", "uuid": "p"},
        {"event": "playbook_on_task_start", "uuid": "t1", "parent_uuid": "p"},
        {"event": "playbook_on_task_start", "uuid": "t2", "parent_uuid": "p"},
        {"event": "runner_on_ok", "parent_uuid": "t1"},
    )
    shown = shop.api.get(url(other, "job_events/children_summary/")).data
    assert (shown["is_tree"], shown["children_summary"]) == (False, {})


def test_summaries_are_made_of_the_last_event(shop: Any, job: Job) -> None:
    summaries.write(job)
    summaries.write(job)
    rows = {row.host_name: row for row in job.job_host_summaries.all()}
    assert (rows["one"].ok, rows["one"].changed, rows["one"].failed) == (2, 1, False)
    assert (rows["two"].failures, rows["two"].failed) == (1, True)
    host = Host.objects.get(name="two")
    assert (host.last_job_id, host.last_job_host_summary_id) == (job.pk, rows["two"].pk)
    job.refresh_from_db()
    assert job.artifacts == {"answer": 42}
    assert job.host_status_counts == {"changed": 1, "failures": 1}
    shown = shop.api.get(url(job, "job_host_summaries/"), {"failed": "true"}).data["results"]
    assert [(row["host_name"], row["summary_fields"]["job"]["type"]) for row in shown] == [("two", "job")]
    assert shop.api.get(shown[0]["url"]).data["constructed_host"] is None


def test_an_older_job_does_not_take_a_host_back(shop: Any, job: Job) -> None:
    newer = Job.objects.create(name="n", inventory=shop.inventory, unified_job_template=shop.template)
    events.playbook(newer)
    summaries.write(newer)
    summaries.write(job)
    assert Host.objects.get(name="one").last_job_id == newer.pk


def test_counts_of_plays_and_tasks(shop: Any, job: Job) -> None:
    assert shop.api.get(url(job)).data["playbook_counts"] == {"play_count": 1, "task_count": 1}


def test_jobs_are_neither_made_nor_changed(shop: Any, job: Job) -> None:
    assert shop.api.post("/api/v2/jobs/", {"name": "x"}).status_code == 405
    assert shop.api.patch(url(job), {"name": "x"}).status_code == 405
    assert shop.api.get(url(job, "cancel/")).data == {"can_cancel": False}
    assert shop.api.post(url(job, "cancel/"), {}).status_code == 405


def test_a_finished_job_can_be_deleted_and_takes_its_events(shop: Any, job: Job) -> None:
    event = shop.api.get(url(job, "job_events/")).data["results"][0]["url"]
    Job.objects.update(status="waiting")
    assert shop.api.delete(url(job)).status_code == 403
    Job.objects.update(status="failed")
    assert shop.api.delete(url(job)).status_code == 204
    assert shop.api.get(event).status_code == 404
    assert shop.api.get(url(job, "stdout/?format=txt"), HTTP_ACCEPT="*/*").status_code == 404


def test_who_reads_the_template_reads_the_job(shop: Any, job: Job, api: Any, person: Any) -> None:
    summaries.write(job)
    event = shop.api.get(url(job, "job_events/")).data["results"][0]["url"]
    summary = shop.api.get(url(job, "job_host_summaries/")).data["results"][0]["url"]
    paths = [url(job), event, summary, url(job, "job_events/"), url(job, "stdout/"), url(job, "relaunch/")]
    reader, stranger = api(person("reader", (shop.template, "read_role"))), api(person("stranger"))
    assert {reader.get(path).status_code for path in paths} == {200}
    assert {stranger.get(path).status_code for path in paths} == {404}
    assert reader.get(url(job)).data["summary_fields"]["user_capabilities"] == {"delete": False, "start": False}
    assert reader.post(url(job, "relaunch/"), {}).status_code == 403
    assert reader.post(url(job, "cancel/"), {}).status_code == 403
    assert reader.delete(url(job)).status_code == 403


@pytest.mark.parametrize("path", ["/api/v2/jobs/", "job_events/", "job_host_summaries/"])
def test_lists_cost_the_same_for_many(shop: Any, job: Job, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.conf.live.LOOK_EVERY", 1000)  # settings are looked at by the clock
    target = path if path.startswith("/") else url(job, path)
    summaries.write(job)
    shop.api.get(target)
    with CaptureQueriesContext(connection) as few:
        assert shop.api.get(target, {"page_size": 1}).status_code == 200
    for number in range(5):
        Job.objects.create(
            name=f"{number}", unified_job_template=shop.template, job_template=shop.template, inventory=shop.inventory
        )
    with CaptureQueriesContext(connection) as many:
        shop.api.get(target, {"page_size": 6 if path.startswith("/") else 25})  # full, as the first was
    assert len(many) == len(few)
