"""instances/: who registers hosts, what they can take, and heartbeats."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.identity.models import User
from apps.instances import services
from apps.instances.models import Instance, InstanceGroup
from apps.instances.services import capacity, health
from apps.rbac import services as rbac
from tests.factories import World

pytestmark = pytest.mark.django_db
URL = "/api/v2/instances/"


@pytest.fixture
def node(db: None) -> Instance:
    """An instance of the group default."""
    InstanceGroup.objects.create(name="default", policy_instance_percentage=100)
    found, made = services.provision("one.example")
    assert made
    return found


@pytest.fixture
def person(api: Any) -> Any:
    """Someone without any role."""
    return api(User.objects.create_user("someone", password="x"))


def test_an_instance_that_is_registered_gets_ready_by_its_heartbeat(node: Instance, admin: Any, api: Any) -> None:
    url = f"{URL}{node.pk}/"
    before = api(admin).get(url).json()
    assert (before["node_state"], before["capacity"], before["last_seen"]) == ("installed", 0, None)
    assert services.beat("one.example")
    after = api(admin).get(url).json()
    assert (after["node_state"], after["errors"], after["health_check_pending"]) == ("ready", "", False)
    assert after["cpu_capacity"] == int(float(after["cpu"])) * 4
    assert after["capacity"] == max(after["cpu_capacity"], after["mem_capacity"])
    assert after["percent_capacity_remaining"] == 100.0
    assert not services.beat("unknown.example")


def test_capacity_lies_between_the_two_by_the_adjustment() -> None:
    assert capacity.total(8, 20, Decimal("1.0")) == 20
    assert capacity.total(8, 20, Decimal("0.0")) == 8
    assert capacity.total(20, 8, Decimal("0.5")) == 14


def test_a_changed_adjustment_and_a_switch_count_at_once(node: Instance, admin: Any, api: Any) -> None:
    Instance.objects.update(cpu_capacity=8, mem_capacity=20, capacity=20, node_state="ready")
    client, url = api(admin), f"{URL}{node.pk}/"
    assert client.patch(url, {"capacity_adjustment": "0.50"}).json()["capacity"] == 14
    assert client.patch(url, {"enabled": False}).json()["capacity"] == 0
    services.beat("one.example")
    assert client.get(url).json()["capacity"] == 0
    assert client.get(f"{URL}{node.pk}/instance_groups/").json()["count"] == 1
    assert client.patch(url, {"enabled": True}).json()["capacity"] > 0


def test_a_silent_instance_takes_no_jobs_until_it_speaks(node: Instance) -> None:
    services.beat("one.example")
    health.mark_lost()
    node.refresh_from_db()
    assert node.node_state == "ready"
    Instance.objects.update(last_seen=timezone.now() - health.LOST_AFTER - timedelta(seconds=1))
    health.mark_lost()
    node.refresh_from_db()
    assert (node.node_state, node.capacity) == ("unavailable", 0)
    assert node.errors
    services.beat("one.example")
    node.refresh_from_db()
    assert (node.node_state, node.errors) == ("ready", "")
    assert node.capacity


def test_jobs_count_against_the_capacity(node: Instance, admin: Any, api: Any) -> None:
    Instance.objects.update(capacity=10)
    job = World(admin).make("jobs")
    type(job).objects.update(status="running", execution_node="one.example", task_impact=4)
    body = api(admin).get(f"{URL}{node.pk}/").json()
    assert (body["jobs_running"], body["jobs_total"]) == (1, 1)
    assert (body["consumed_capacity"], body["percent_capacity_remaining"]) == (4.0, 60.0)
    assert [row["id"] for row in api(admin).get(f"{URL}{node.pk}/jobs/").json()["results"]] == [job.pk]


def test_a_group_that_jobs_run_in_stays(node: Instance, admin: Any, api: Any) -> None:
    group, job = InstanceGroup.objects.create(name="q"), World(admin).make("jobs")
    type(job).objects.update(status="running", instance_group=group)
    refused = api(admin).delete(f"/api/v2/instance_groups/{group.pk}/")
    assert (refused.status_code, refused.json()["active_jobs"]) == (409, [{"type": "job", "id": job.pk}])
    type(job).objects.update(status="successful")
    assert api(admin).delete(f"/api/v2/instance_groups/{group.pk}/").status_code == 204


def test_superusers_add_execution_nodes_and_let_them_go_where_the_installation_says_so(
    node: Instance, admin: Any, api: Any, settings: Any
) -> None:
    client = api(admin)
    refused = client.post(URL, {"hostname": "two.example"})
    assert (refused.status_code, list(refused.json())) == (400, ["__all__"])
    assert list(client.post(URL, {"hostname": "t", "node_type": "control"}).json()) == ["node_type"]
    Instance.objects.update(node_type="execution")
    assert client.patch(f"{URL}{node.pk}/", {"node_state": "deprovisioning"}).status_code == 400
    settings.IS_K8S = True
    made = client.post(URL, {"hostname": "two.example"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["node_type"], body["node_state"]) == ("execution", "installed")
    assert body["uuid"] != "00000000-0000-0000-0000-000000000000"
    assert client.get(f"{body['url']}instance_groups/").json()["results"][0]["name"] == "default"
    assert client.delete(body["url"]).status_code == 405
    gone = client.patch(body["url"], {"node_state": "deprovisioning"})
    assert (gone.status_code, gone.json()["node_state"]) == (200, "deprovisioning")
    job = World(admin).make("jobs")
    type(job).objects.update(status="running", execution_node="two.example")
    health.remove_leaving()
    assert Instance.objects.filter(hostname="two.example").exists()
    type(job).objects.update(status="failed")
    health.remove_leaving()
    assert not Instance.objects.filter(hostname="two.example").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "hostname"),
        ({"hostname": "one.example"}, "hostname"),
        ({"hostname": "-x"}, "hostname"),
        ({"hostname": "a b"}, "hostname"),
        ({"hostname": "a/../b"}, "hostname"),
        ({"hostname": "localhost"}, "hostname"),
        ({"hostname": "x" * 300}, "hostname"),
        ({"hostname": "h", "node_type": "hybrid"}, "node_type"),
        ({"hostname": "h", "node_type": "odd"}, "node_type"),
        ({"hostname": "h", "node_state": "ready"}, "node_state"),
        ({"hostname": "h", "capacity_adjustment": "10"}, "capacity_adjustment"),
        ({"hostname": "h", "capacity_adjustment": -1}, "capacity_adjustment"),
        ({"hostname": "h", "enabled": "perhaps"}, "enabled"),
        ({"hostname": "h", "listener_port": 70000}, "listener_port"),
    ],
)
def test_bad_input_names_its_field(node: Instance, admin: Any, api: Any, body: dict[str, Any], field: str) -> None:
    answer = api(admin).post(URL, body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize(
    "body", [{"hostname": "x"}, {"node_type": "hop"}, {"node_state": "ready"}, {"node_state": "deprovisioning"}]
)
def test_what_an_instance_is_stays(node: Instance, admin: Any, api: Any, body: dict[str, Any]) -> None:
    answer = api(admin).patch(f"{URL}{node.pk}/", body)
    assert answer.status_code == 400
    assert list(answer.json()) == list(body)


def test_a_put_names_the_type_and_state_of_an_instance_that_is_not_a_new_one(
    node: Instance, admin: Any, api: Any
) -> None:
    url = f"{URL}{node.pk}/"
    Instance.objects.update(node_type="hybrid", node_state="ready")
    refused = api(admin).put(url, {"hostname": node.hostname})
    assert (refused.status_code, sorted(refused.json())) == (400, ["node_state", "node_type"])
    body = {"hostname": node.hostname, "node_type": "hybrid", "node_state": "ready"}
    assert api(admin).put(url, body).json()["node_type"] == "hybrid"


def test_others_than_superusers_only_look(node: Instance, person: Any, api: Any) -> None:
    url = f"{URL}{node.pk}/"
    assert person.get(URL).json()["count"] == 0
    assert person.get(url).status_code == 404
    assert person.post(URL, {"hostname": "two"}).status_code == 403
    assert person.post(URL, {"bad": 1}).status_code == 403
    reader = User.objects.create_user("reader", password="x")
    rbac.grant(InstanceGroup.objects.get().role("read_role"), user=reader)
    assert api(reader).get(url).json()["summary_fields"]["user_capabilities"] == {"edit": False}
    assert api(reader).patch(url, {"enabled": False}).status_code == 403
    assert api(reader).post(f"{url}health_check/", {}).status_code in (403, 404)
    assert api(reader).post(f"{url}instance_groups/", {"id": InstanceGroup.objects.get().pk}).status_code == 403
    assert api().get(URL).status_code == 401


def test_groups_are_joined_and_left_from_both_sides(node: Instance, admin: Any, api: Any) -> None:
    client = api(admin)
    group = InstanceGroup.objects.create(name="mine")
    theirs, ours = f"/api/v2/instance_groups/{group.pk}/instances/", f"{URL}{node.pk}/instance_groups/"
    assert client.post(theirs, {"id": node.pk}).status_code == 204
    services.apply_policies()
    group.refresh_from_db()
    assert group.policy_instance_list == ["one.example"]
    assert list(group.instances.all()) == [node]
    assert client.post(ours, {"id": group.pk, "disassociate": True}).status_code == 204
    services.apply_policies()
    assert not group.instances.exists()
    assert client.post(ours, {"id": group.pk}).status_code == 204
    assert client.post(theirs, {"id": node.pk, "disassociate": True}).status_code == 204
    group.refresh_from_db()
    assert (group.policy_instance_list, group.instances.count()) == ([], 0)
    assert client.post(theirs, {"id": 99999}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("control", "q", [400, 400]),
        ("hop", "q", [400, 400]),
        ("hybrid", "controlplane", [204, 400]),
        ("hybrid", "q", [204, 204]),
    ],
)
def test_nodes_without_jobs_stay_in_their_groups(
    node: Instance, admin: Any, api: Any, kind: str, name: str, wanted: list[int]
) -> None:
    Instance.objects.update(node_type=kind)
    group, client = InstanceGroup.objects.get_or_create(name=name)[0], api(admin)
    for url, child in (
        (f"{URL}{node.pk}/instance_groups/", group),
        (f"/api/v2/instance_groups/{group.pk}/instances/", node),
    ):
        answers = client.post(url, {"id": child.pk}), client.post(url, {"id": child.pk, "disassociate": True})
        assert [answer.status_code for answer in answers] == wanted


def test_the_mesh_has_nodes_and_no_links(node: Instance, admin: Any, person: Any, api: Any) -> None:
    body = api(admin).get("/api/v2/mesh_visualizer/").json()
    assert [row["hostname"] for row in body["nodes"]] == ["one.example"]
    assert body["links"] == []
    assert person.get("/api/v2/mesh_visualizer/").status_code == 403
    assert api(admin).get("/api/v2/receptor_addresses/").json()["count"] == 0
    assert api(admin).get(f"{URL}{node.pk}/install_bundle/").status_code == 400


def test_a_fresh_server_registers_its_own_host(settings: Any, db: None) -> None:
    services.preload()
    services.preload()
    own = Instance.objects.get()
    assert (own.hostname, own.node_type, own.node_state) == (settings.CLUSTER_HOST_ID, "hybrid", "ready")
    assert set(own.rampart_groups.values_list("name", flat=True)) == {"controlplane", "default"}
    assert own.capacity > 0
    assert own.ip_address


def test_a_list_costs_the_same_whatever_its_length(
    node: Instance, admin: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        services.provision(f"n{number}.example")
    with django_assert_max_num_queries(8):
        assert api(admin).get(URL).json()["count"] == 9
    with django_assert_max_num_queries(10):
        assert api(admin).get("/api/v2/instance_groups/").json()["results"][0]["instances"] == 9


def test_health_checks_are_asked_of_execution_nodes(node: Instance, admin: Any, api: Any, monkeypatch: Any) -> None:
    asked = []
    monkeypatch.setattr("apps.instances.resources.ask_health_check", asked.append)
    assert api(admin).get(f"{URL}{node.pk}/health_check/").status_code == 404
    services.provision("two.example", node_type="execution")
    url = api(admin).get(URL, {"hostname": "two.example"}).json()["results"][0]["related"]["health_check"]
    assert api(admin).get(url).json()["hostname"] == "two.example"
    assert api(admin).post(url, {}).status_code == 200
    assert asked == ["two.example"]
    pending = api(admin).get(URL, {"hostname": "two.example"}).json()["results"][0]
    assert pending["health_check_pending"] is True
    services.beat("two.example")
    assert not api(admin).get(URL, {"hostname": "two.example"}).json()["results"][0]["health_check_pending"]
