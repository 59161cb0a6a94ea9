"""/metrics/: AWX's names, samples by node, filters, and numbers that something stands behind."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.instances.models import Instance
from apps.system import metrics
from apps.unified import meters
from apps.unified.dispatch import passes
from tests.factories import World

pytestmark = pytest.mark.django_db
METRICS = "/api/v2/metrics/"
NODE = settings.CLUSTER_HOST_ID


@pytest.fixture
def node(admin):
    return Instance.objects.create(hostname=NODE, capacity=7)


def samples(body, name):
    return {sample["labels"].get("node"): sample["value"] for sample in body[name]["samples"]}


def test_the_dispatchers_passes_are_counted_by_node(api, admin, node, transactional_db):
    for _ in range(2):
        passes.run()
    body = api(admin).get(METRICS, {"format": "json"}).json()
    assert samples(body, "task_manager__schedule_calls") == {NODE: 2.0}
    assert samples(body, "task_manager_recorded_timestamp")[NODE] > 1e9
    assert samples(body, "dispatcher_pool_max_worker_count") == {NODE: 7.0}
    assert samples(body, "callback_receiver_events_insert_db") == {NODE: 0.0}


def test_metrics_and_nodes_can_be_chosen(api, admin, node):
    Instance.objects.create(hostname="other")
    meters.add(callback_receiver_events_insert_db=5)
    asked = {"format": "json", "subsystemonly": "1", "metric": "callback_receiver_events_insert_db", "node": NODE}
    body = api(admin).get(METRICS, asked).json()
    assert list(body) == ["callback_receiver_events_insert_db"]
    assert samples(body, "callback_receiver_events_insert_db") == {NODE: 5.0}
    both = api(admin).get(METRICS, {"format": "json", "metric": "callback_receiver_events_insert_db"}).json()
    assert samples(both, "callback_receiver_events_insert_db") == {NODE: 5.0, "other": 0.0}
    assert "awx_system_info" in both
    only = api(admin).get(METRICS, {"format": "json", "dbonly": "1"}).json()
    assert "awx_hosts_total" in only
    assert "task_manager__schedule_calls" not in only


def test_the_text_form_has_labels(api, admin, node):
    meters.put(task_manager__schedule_seconds=0.25)
    text = api(admin).get(METRICS, {"format": "txt"}).content.decode()
    assert f'task_manager__schedule_seconds{{node="{NODE}"}} 0.25' in text
    assert "# TYPE awx_system_info info" in text


def test_every_name_that_awx_has_is_there(api, admin, node):
    surface = json.loads((Path(__file__).parent / "awx_metrics.json").read_text())
    assert set(surface) - set(api(admin).get(METRICS, {"format": "json"}).json()) == set()


def test_jobs_are_tallied_by_status_node_and_launch_type(api, admin):
    world = World(admin)
    for status, place in (("successful", "n1"), ("failed", "n1"), ("failed", "n2"), ("pending", "")):
        job = world.make("jobs")
        type(job).objects.filter(pk=job.pk).update(status=status, execution_node=place, launch_type="manual")
    with CaptureQueriesContext(connection) as seen:
        found = {metric.name: metric.samples for metric in metrics.jobs()}
    assert len(seen) == 1
    assert found["awx_status_total"] == [
        ({"status": s}, n) for s, n in (("failed", 2), ("pending", 1), ("successful", 1))
    ]
    assert found["awx_pending_jobs_total"] == [({}, 1)]
    assert found["awx_instance_launch_type_total"] == [
        ({"node": "n1", "launch_type": "manual"}, 2), ({"node": "n2", "launch_type": "manual"}, 1),
    ]  # fmt: skip
    assert ({"node": "n1", "status": "failed"}, 1) in found["awx_instance_status_total"]


def test_tallies_of_very_many_jobs_are_kept_for_a_while(admin, monkeypatch):
    monkeypatch.setattr(metrics, "_kept", [])
    monkeypatch.setattr(metrics, "MANY_JOBS", 0)
    monkeypatch.setattr(metrics, "KEPT_FOR", 1e9)
    world = World(admin)
    world.make("jobs")
    assert metrics.Tally.now().by(1) == [("successful", 1)]
    world.make("jobs")
    assert metrics.Tally.now().by(1) == [("successful", 1)]
    monkeypatch.setattr(metrics, "_kept", [])
    assert metrics.Tally.now().by(1) == [("successful", 2)]


def test_without_the_broker_the_database_still_answers(api, admin, node, monkeypatch):
    import redis

    def away():
        raise redis.ConnectionError("away")

    monkeypatch.setattr("apps.unified.live.client", away)
    meters.add(task_manager__schedule_calls=1)
    meters.put(task_manager__schedule_seconds=1)
    body = api(admin).get(METRICS, {"format": "json"}).json()
    assert samples(body, "task_manager__schedule_calls") == {NODE: 0.0}
