"""script/: the inventory as Ansible reads it."""

import io
import json

import pytest

from apps.inventory.models import Inventory
from apps.inventory.services.script import stream_inventory

pytestmark = pytest.mark.django_db


def read(client, inventory, **query):
    answer = client.get(f"/api/v2/inventories/{inventory.pk}/script/", query)
    assert answer.status_code == 200
    return json.loads(answer.getvalue())


@pytest.fixture
def filled(farm):
    """h1 in web, h2 and the disabled h3 in eu below web, h4 alone; a group with variables only and an empty one."""
    farm.inventory.variables = "top: 1"
    farm.inventory.save()
    h1, h2 = farm.host("h1", variables='{"x": 1}'), farm.host("h2", variables="x: [1, 2]\nname: ü")
    h3 = farm.host("h3", enabled=False)
    farm.host("h4")
    eu = farm.group("eu", h2, h3)
    farm.group("web", h1, children=[eu], variables="port: 80")
    farm.group("vars_only", variables="v: 1"), farm.group("empty")
    return farm


def test_groups_hosts_and_variables(filled):
    assert read(filled.as_("rea"), filled.inventory) == {
        "all": {"vars": {"top": 1}, "hosts": ["h4"], "children": ["empty", "eu", "vars_only", "web"]},
        "eu": {"hosts": ["h2"]},
        "vars_only": {"vars": {"v": 1}},
        "web": {"children": ["eu"], "vars": {"port": 80}, "hosts": ["h1"]},
    }


def test_hostvars_with_the_ids_of_the_hosts(filled):
    found = read(filled.as_("rea"), filled.inventory, hostvars=1, towervars=1, all=1)["_meta"]["hostvars"]
    assert list(found) == ["h1", "h2", "h3", "h4"]
    assert (found["h1"]["x"], found["h2"]["name"]) == (1, "ü")
    assert found["h3"]["remote_tower_enabled"] == "false"
    assert found["h4"]["remote_host_id"] == filled.inventory.hosts.get(name="h4").pk


def test_slices_share_the_hosts_out(filled):
    parts = [
        set(read(filled.as_("rea"), filled.inventory, subset=f"slice{n}of2", hostvars=1)["_meta"]["hostvars"])
        for n in (1, 2)
    ]
    assert parts == [{"h1", "h4"}, {"h2"}]


@pytest.mark.parametrize("subset", ["slice3of2", "slice0of2", "web", "slice1of2; x"])
def test_a_bad_slice_is_refused(filled, subset):
    answer = filled.as_("rea").get(f"/api/v2/inventories/{filled.inventory.pk}/script/", {"subset": subset})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_one_host(filled):
    url = f"/api/v2/inventories/{filled.inventory.pk}/script/"
    assert filled.as_("rea").get(url, {"host": "h1"}).json() == {"x": 1}
    assert filled.as_("rea").get(url, {"host": "h3"}).status_code == 404
    assert filled.as_("rea").get(url, {"host": "h3", "all": 1}).json() == {}
    assert filled.as_("out").get(url).status_code == 404


def test_a_smart_inventory_has_hosts_only(filled):
    smart = Inventory.objects.create(name="s", organization=filled.org, kind="smart", host_filter="name__startswith=h")
    found = read(filled.as_("admin"), smart, hostvars=1)
    assert found["all"] == {"hosts": ["h1", "h2", "h4"]}


def test_names_and_variables_are_only_ever_data(farm):
    name = '"}, "evil": {"hosts": ["x"]}, "y": {"'
    farm.group(name, farm.host('h"1', variables='{"a": "\\"}"}'))
    file = io.StringIO()
    stream_inventory(farm.inventory, file)
    found = json.loads(file.getvalue())
    assert set(found) == {"all", "_meta", name}
    assert found["_meta"]["hostvars"]['h"1']["a"] == '"}'
