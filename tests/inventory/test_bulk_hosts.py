"""/bulk/host_create/ and /bulk/host_delete/: all or nothing, by a number of queries that does not grow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import Host, Inventory

pytestmark = pytest.mark.django_db
CREATE, DELETE = "/api/v2/bulk/host_create/", "/api/v2/bulk/host_delete/"


def many(farm, number, start=0):
    return {"inventory": farm.inventory.pk, "hosts": [{"name": f"h{start + n}"} for n in range(number)]}


def test_the_answer_shows_the_new_hosts(farm):
    body = {"inventory": farm.inventory.pk, "hosts": [{"name": "a:22"}, {"name": "b", "enabled": False}]}
    made = farm.as_("adm").post(CREATE, body, format="json").json()
    assert [host["name"] for host in made["hosts"]] == ["a", "b"]
    assert made["hosts"][0]["variables"] == '{"ansible_ssh_port": 22}'
    assert made["url"] == f"/api/v2/inventories/{farm.inventory.pk}/"
    farm.inventory.refresh_from_db()
    assert farm.inventory.total_hosts == 2


def test_a_hundred_hosts_cost_as_many_queries_as_one(farm):
    client, counts = farm.as_("adm"), []
    client.post(CREATE, many(farm, 1, 1000), format="json")
    for number, start in ((1, 2000), (90, 3000)):
        with CaptureQueriesContext(connection) as queries:
            made = client.post(CREATE, many(farm, number, start), format="json")
        assert made.status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]
    ids = list(Host.objects.values_list("pk", flat=True))
    counts = []
    for wanted in (ids[:1], ids[1:91]):
        with CaptureQueriesContext(connection) as queries:
            assert client.post(DELETE, {"hosts": wanted}, format="json").status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("hosts", "where"),
    [
        ([], "hosts"),
        ("abc", "hosts"),
        (["abc"], "hosts"),
        ([{"name": "x"}, {"description": "y"}], "hosts"),
        ([{"name": "x", "variables": "[1"}], "hosts"),
        ([{"name": "x:99999"}], "hosts"),
        ([{"name": "x"}, {"name": "x"}], "__all__"),
        ([{"name": "taken"}], "__all__"),
        ([{"name": f"m{n}"} for n in range(101)], "__all__"),
    ],
)
def test_one_bad_host_and_none_is_made(farm, hosts, where):
    farm.host("taken")
    answer = farm.as_("admin").post(CREATE, {"inventory": farm.inventory.pk, "hosts": hosts}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [where])
    assert Host.objects.count() == 1


@pytest.mark.parametrize("who", ["use", "rea", "out"])
def test_without_the_right_nothing_is_made_or_deleted(farm, who):
    host = farm.host("h")
    assert farm.as_(who).post(CREATE, many(farm, 1), format="json").status_code == 400
    assert farm.as_(who).post(DELETE, {"hosts": [host.pk]}, format="json").status_code == 400
    assert Host.objects.count() == 1


def test_more_than_the_organization_may_have(farm):
    farm.org.max_hosts = 2
    farm.org.save()
    assert farm.as_("admin").post(CREATE, many(farm, 3), format="json").status_code == 403
    assert farm.as_("admin").post(CREATE, many(farm, 2), format="json").status_code == 201


@pytest.mark.parametrize("ids", [[], "1", ["x"], [99999999], [10**30]])
def test_bad_ids_are_refused(farm, ids):
    assert farm.as_("admin").post(DELETE, {"hosts": ids}, format="json").status_code == 400


def test_a_host_named_twice_or_of_a_strange_inventory_stops_all(farm):
    host = farm.host("h")
    other = Host.objects.create(name="x", inventory=Inventory.objects.create(name="other", organization=farm.org))
    for ids in ([host.pk, host.pk], [host.pk, other.pk]):
        assert farm.as_("adm").post(DELETE, {"hosts": ids}, format="json").status_code == 400
    assert Host.objects.count() == 2
