"""instance_groups/: policies, permanent groups, container groups, rights."""

from __future__ import annotations

from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import User
from apps.instances import services
from apps.instances.models import Instance, InstanceGroup
from apps.rbac import services as rbac

pytestmark = pytest.mark.django_db
URL = "/api/v2/instance_groups/"


@pytest.fixture
def nodes(db: None) -> list[Instance]:
    """Four instances, one of them of the control plane alone."""
    kinds = {"a": "execution", "b": "hybrid", "c": "execution", "d": "control"}
    return [services.provision(name, node_type=kind)[0] for name, kind in kinds.items()]


def members(name: str) -> list[str]:
    """Who is in a group."""
    return list(
        Instance.objects.filter(rampart_groups__name=name).order_by("hostname").values_list("hostname", flat=True)
    )


def test_policies_act_at_once(nodes: list[Instance], admin: Any, api: Any) -> None:
    client = api(admin)
    made = client.post(URL, {"name": "g", "policy_instance_percentage": 50}).json()
    assert (made["instances"], members("g")) == (2, ["a", "b"])
    url = made["url"]
    client.patch(url, {"policy_instance_percentage": 0, "policy_instance_minimum": 1})
    assert members("g") == ["a"]
    client.patch(url, {"policy_instance_list": ["c"]})
    assert members("g") == ["c"]
    client.patch(url, {"policy_instance_minimum": 2})
    assert members("g") == ["a", "c"]
    client.patch(url, {"policy_instance_list": [], "policy_instance_minimum": 0})
    assert members("g") == []
    assert client.patch(url, {"policy_instance_percentage": 100}).json()["instances"] == 3


def test_an_instance_without_policy_stays_where_it_is(nodes: list[Instance], admin: Any, api: Any) -> None:
    api(admin).patch(f"/api/v2/instances/{nodes[0].pk}/", {"managed_by_policy": False})
    assert api(admin).post(URL, {"name": "g", "policy_instance_percentage": 100}).json()["instances"] == 2
    assert members("g") == ["b", "c"]
    InstanceGroup.objects.get(name="g").instances.add(nodes[0])
    services.apply_policies()
    assert members("g") == ["a", "b", "c"]


def test_the_permanent_groups(nodes: list[Instance], admin: Any, api: Any) -> None:
    services.preload()
    client = api(admin)
    for name in ("default", "controlplane"):
        url = f"{URL}{InstanceGroup.objects.get(name=name).pk}/"
        for field, value in (("name", "x"), ("is_container_group", True), ("policy_instance_percentage", 1)):
            answer = client.patch(url, {field: value})
            assert (answer.status_code, list(answer.json())) == (400, [field])
        assert client.patch(url, {"max_forks": 5, "name": name}).status_code == 200
        assert client.delete(url).status_code == 403
        assert client.get(url).json()["summary_fields"]["user_capabilities"] == {"edit": True, "delete": False}
    assert "d" in members("controlplane")
    assert "d" not in members("default")
    assert "a" not in members("controlplane")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"policy_instance_percentage": 101}, "policy_instance_percentage"),
        ({"policy_instance_minimum": -1}, "policy_instance_minimum"),
        ({"max_forks": -1}, "max_forks"),
        ({"max_concurrent_jobs": "many"}, "max_concurrent_jobs"),
        ({"policy_instance_list": ["nowhere"]}, "policy_instance_list"),
        ({"policy_instance_list": ["a", "a"]}, "policy_instance_list"),
        ({"policy_instance_list": "a"}, "policy_instance_list"),
        ({"policy_instance_list": [{"a": 1}]}, "policy_instance_list"),
        ({"credential": 99999}, "credential"),
        ({"is_container_group": True, "policy_instance_minimum": 1}, "policy_instance_minimum"),
        ({"max_forks": 2**40}, "max_forks"),
    ],
)
def test_bad_input_names_its_field(nodes: Any, admin: Any, api: Any, body: dict[str, Any], field: str) -> None:
    answer = api(admin).post(URL, {"name": "g", **body})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_container_groups_take_a_kubernetes_credential(admin: Any, api: Any) -> None:
    sync_managed_types()
    client = api(admin)
    pod, ssh = (
        Credential.objects.create(name=name, credential_type=CredentialType.objects.get(namespace=name))
        for name in ("kubernetes_bearer_token", "ssh")
    )
    assert list(client.post(URL, {"name": "g", "credential": pod.pk}).json()) == ["is_container_group"]
    body = {"name": "g", "is_container_group": True}
    assert list(client.post(URL, {**body, "credential": ssh.pk}).json()) == ["credential"]
    made = client.post(URL, {**body, "credential": pod.pk, "pod_spec_override": "a: [b"})
    assert made.status_code == 201
    assert made.json()["summary_fields"]["credential"]["name"] == "kubernetes_bearer_token"


def test_rights(nodes: Any, admin: Any, api: Any) -> None:
    group = InstanceGroup.objects.create(name="g")
    url = f"{URL}{group.pk}/"
    clients = {}
    for role in ("admin_role", "use_role", "read_role"):
        user = User.objects.create_user(role, password="x")
        rbac.grant(group.role(role), user=user)
        clients[role] = api(user)
    outsider = api(User.objects.create_user("out", password="x"))
    assert outsider.get(url).status_code == 404
    assert outsider.get(URL).json()["count"] == 0
    for client in (*clients.values(), outsider):
        assert client.post(URL, {"name": "new"}).status_code == 403
        assert client.post(f"{url}instances/", {"id": nodes[0].pk}).status_code in (403, 404)
    for role in ("use_role", "read_role"):
        assert clients[role].get(url).json()["summary_fields"]["user_capabilities"] == {"edit": False, "delete": False}
        assert clients[role].patch(url, {"max_forks": 1}).status_code == 403
        assert clients[role].delete(url).status_code == 403
    assert clients["admin_role"].patch(url, {"max_forks": 1}).status_code == 200
    assert not InstanceGroup.objects.get().instances.exists()


def test_two_that_join_in_the_same_moment_are_both_named(nodes: list[Instance]) -> None:
    InstanceGroup.objects.create(name="g")
    here, there = (InstanceGroup.objects.get(name="g") for _ in range(2))
    services.join_group(here, nodes[0])
    services.join_group(there, nodes[1])
    assert InstanceGroup.objects.get(name="g").policy_instance_list == ["a", "b"]
    services.leave_group(here, nodes[0])
    assert InstanceGroup.objects.get(name="g").policy_instance_list == ["b"]
