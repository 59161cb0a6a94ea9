"""gather_analytics: one private tarball without secrets, sent only where somebody said so."""

import csv
import io
import json
import tarfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.conf import live
from apps.conf.services import change
from apps.core.csvfiles import Slices
from apps.system.analytics.facts import FACTS
from apps.system.analytics.tables import TABLES
from apps.unified.events import tables
from apps.unified.models import JobEvent
from tests import loopback
from tests.factories import World

SECRET = "hunter-2-hunter"


def gather(tmp_path, *words):
    """The files of the tarball, and what was said."""
    out = io.StringIO()
    call_command("gather_analytics", *words, "--directory", str(tmp_path), stdout=out)
    return unpack(next(tmp_path.glob("*.tar.gz"))), out.getvalue()


def unpack(path):
    with tarfile.open(path) as archive:
        return {member.name.removeprefix("./"): archive.extractfile(member).read().decode() for member in archive}


@pytest.fixture
def world(admin, transactional_db):
    """Some rows of every kind, with secrets where they may be."""
    made = World(admin)
    job = made.make("jobs")
    type(job).objects.filter(pk=job.pk).update(extra_vars=f"password: {SECRET}", job_args=SECRET, execution_node="n1")
    job.refresh_from_db()
    tables.ensure(JobEvent, tables.day_of(job.created))
    JobEvent.objects.create(
        job_id=job.pk, job_created=job.created, event="runner_on_ok", counter=1, stdout=SECRET, task="Install",
        event_data={"task_action": "apt", "res": {"stdout": SECRET}}, created=timezone.now(), modified=timezone.now(),
    )  # fmt: skip
    credential = made.make("credentials")
    credential.inputs = {"password": SECRET}
    credential.save()
    made.make("host_metrics")
    made.make("inventory_sources")
    return made


def test_every_collector_has_its_file_and_its_version(world, tmp_path):
    files, text = gather(tmp_path, "--dry-run")
    expected = {f"{fact.name}.json" for fact in FACTS} | {f"{table.name}.csv" for table in TABLES}
    assert set(files) == expected | {"manifest.json", "data_collection_status.csv"}
    assert set(json.loads(files["manifest.json"])) == expected | {"data_collection_status.csv"}
    assert str(tmp_path) in text
    assert json.loads(files["counts.json"])["job_template"] == 1
    assert json.loads(files["job_instance_counts.json"])["n1"]["status"] == {"successful": 1}
    organizations = json.loads(files["org_counts.json"])
    assert organizations[str(world.organization.pk)] == {"name": world.organization.name, "users": 0, "teams": 0}
    job = next(csv.DictReader(io.StringIO(files["unified_jobs_table.csv"])))
    assert (job["model"], job["organization_name"]) == ("job", world.organization.name)
    events = csv.DictReader(io.StringIO(files["events_table.csv"]))  # those of tests that commit may be among them
    assert ("Install", "apt") in {(event["task"], event["task_action"]) for event in events}
    assert len(list(csv.DictReader(io.StringIO(files["host_metric_table.csv"])))) == 1


def test_no_secret_is_in_it_and_only_its_owner_reads_it(world, tmp_path):
    place = tmp_path / "new"
    files, _ = gather(place, "--dry-run")
    assert [name for name, text in files.items() if SECRET in text] == []
    assert place.stat().st_mode & 0o777 == 0o700
    assert next(place.iterdir()).stat().st_mode & 0o777 == 0o600
    assert len(list(place.iterdir())) == 1


def test_the_time_narrows_the_tables(world, tmp_path):
    files, _ = gather(tmp_path, "--dry-run", "--since", "2020-01-01", "--until", "2020-01-15")
    assert list(csv.DictReader(io.StringIO(files["unified_jobs_table.csv"]))) == []
    assert json.loads(files["job_counts.json"])["total_jobs"] == 0
    with pytest.raises(CommandError, match="ends before"):
        gather(tmp_path, "--dry-run", "--since", "2020-01-15", "--until", "2020-01-01")


def test_nothing_is_sent_where_settings_are_missing(world, tmp_path):
    with pytest.raises(CommandError, match=r"INSIGHTS_TRACKING_STATE is off.*stays where it is"):
        gather(tmp_path, "--ship")
    change({"INSIGHTS_TRACKING_STATE": True})
    with pytest.raises(CommandError, match="AUTOMATION_ANALYTICS_URL is not set"):
        gather(tmp_path, "--ship")
    change({"AUTOMATION_ANALYTICS_URL": "http://127.0.0.1:9/"})
    with pytest.raises(CommandError, match="REDHAT_USERNAME"):
        gather(tmp_path, "--ship")
    assert len(list(tmp_path.glob("*.tar.gz"))) == 3
    with pytest.raises(CommandError, match="either --dry-run or --ship"):
        gather(tmp_path)


def test_a_report_is_sent_once_and_the_next_begins_where_it_ended(world, tmp_path):
    out = io.StringIO()
    with loopback.web(lambda got: (202, {})) as service:
        change(
            {
                "INSIGHTS_TRACKING_STATE": True,
                "AUTOMATION_ANALYTICS_URL": service.url,
                "REDHAT_USERNAME": "org",
                "REDHAT_PASSWORD": SECRET,
            }
        )
        call_command("gather_analytics", "--ship", "--directory", str(tmp_path), stdout=out)
        sent = service.got[0]
    assert "Sent." in out.getvalue()
    assert list(tmp_path.iterdir()) == []
    assert sent.method == "POST"
    assert sent.headers["authorization"].startswith("Basic ")
    body = sent.body[sent.body.index(b"\r\n\r\n") + 4 : sent.body.rindex(b"\r\n--")]
    kept = tmp_path / "sent.tar.gz"
    kept.write_bytes(body)
    assert "manifest.json" in unpack(kept)
    assert live.get("AUTOMATION_ANALYTICS_LAST_GATHER")
    kept.unlink()
    files, _ = gather(tmp_path, "--dry-run")
    assert list(csv.DictReader(io.StringIO(files["unified_jobs_table.csv"]))) == []


def test_a_refusing_service_leaves_the_tarball(world, tmp_path):
    with loopback.web(lambda got: (503, {})) as service:
        change(
            {
                "INSIGHTS_TRACKING_STATE": True,
                "AUTOMATION_ANALYTICS_URL": service.url,
                "REDHAT_USERNAME": "org",
                "REDHAT_PASSWORD": SECRET,
            }
        )
        with pytest.raises(CommandError, match="503"):
            gather(tmp_path, "--ship")
    assert len(list(tmp_path.glob("*.tar.gz"))) == 1


def test_slices_begin_with_the_header_and_stay_below_their_size(tmp_path):
    slices = Slices(tmp_path, "t", size=20)
    for line in (b"a,b\n", b"1,2\n", b"3,4\n", b"5,6\n", b"7,8\n", b"9,9\n"):
        slices.write(line)
    slices.close()
    assert [path.name for path in slices.files] == ["t_split0.csv", "t_split1.csv"]
    assert [path.read_text() for path in slices.files] == ["a,b\n1,2\n3,4\n5,6\n7,8\n", "a,b\n9,9\n"]
