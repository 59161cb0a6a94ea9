"""/groups/: nesting, what is deleted with them, and the tree."""

import contextlib
import threading

import pytest
from django.db import connection

from apps.inventory.models import Group, Host
from apps.inventory.services import graph

pytestmark = pytest.mark.django_db
URL = "/api/v2/groups/"


@pytest.mark.parametrize("name", ["all", "_meta"])
def test_names_that_ansible_keeps_for_itself_are_refused(farm, name):
    answer = farm.as_("admin").post(URL, {"name": name, "inventory": farm.inventory.pk}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


def test_a_group_is_never_below_itself(farm):
    leaf = farm.group("leaf")
    top = farm.group("top", children=[farm.group("mid", children=[leaf])])
    client = farm.as_("admin")
    for parent, child in ((top, top), (leaf, top)):
        answer = client.post(f"{URL}{parent.pk}/children/", {"id": child.pk}, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert client.post(f"{URL}{top.pk}/children/", {"id": leaf.pk}, format="json").status_code == 204


def test_lists_at_any_depth(farm):
    h1, h2 = farm.host("h1"), farm.host("h2")
    leaf = farm.group("leaf", h1)
    top = farm.group("top", h2, children=[farm.group("mid", children=[leaf])])
    solo = farm.group("solo")

    def names(path):
        return [row["name"] for row in farm.as_("rea").get(path).json()["results"]]

    assert names(f"{URL}{top.pk}/all_hosts/") == ["h1", "h2"]
    assert names(f"/api/v2/hosts/{h1.pk}/all_groups/") == ["leaf", "mid", "top"]
    assert names(f"/api/v2/inventories/{farm.inventory.pk}/root_groups/") == ["solo", "top"]
    assert names(f"{URL}{leaf.pk}/potential_children/") == ["solo"]
    assert names(f"{URL}{solo.pk}/potential_children/") == ["leaf", "mid", "top"]


def test_with_a_group_goes_what_is_only_below_it(farm):
    only, shared, loose = farm.host("only"), farm.host("shared"), farm.host("loose")
    kept = farm.group("kept")
    mid = farm.group("mid", only, shared, children=[kept])
    top = farm.group("top", children=[mid])
    farm.group("elsewhere", shared, children=[kept])
    assert farm.as_("adm").delete(f"{URL}{top.pk}/").status_code == 204
    assert set(Group.objects.values_list("name", flat=True)) == {"kept", "elsewhere"}
    assert set(Host.objects.values_list("name", flat=True)) == {shared.name, loose.name}


def test_taking_a_group_off_the_inventory_leaves_what_is_in_it(farm):
    top = farm.group("top", farm.host("h"), children=[farm.group("sub")])
    url = f"/api/v2/inventories/{farm.inventory.pk}/groups/"
    assert farm.as_("adm").post(url, {"id": top.pk, "disassociate": True}, format="json").status_code == 204
    assert list(Group.objects.values_list("name", flat=True)) == ["sub"]
    assert Host.objects.count() == 1


def test_the_tree_shows_a_shared_child_below_each_parent(farm, django_assert_max_num_queries):
    leaf = farm.group("leaf")
    farm.group("top", children=[leaf, farm.group("mid", children=[leaf])])
    url = f"/api/v2/inventories/{farm.inventory.pk}/tree/"
    farm.as_("rea").get(url)
    with django_assert_max_num_queries(8):
        tree = farm.as_("rea").get(url).json()
    assert [group["name"] for group in tree] == ["top"]
    assert [group["name"] for group in tree[0]["children"]] == ["leaf", "mid"]
    assert tree[0]["children"][1]["children"][0]["name"] == "leaf"


def test_a_mesh_without_end_is_refused(farm):
    below = [farm.group("a0"), farm.group("b0")]
    for level in range(1, 20):
        below = [farm.group(f"a{level}", children=below), farm.group(f"b{level}", children=below)]
    answer = farm.as_("rea").get(f"/api/v2/inventories/{farm.inventory.pk}/tree/")
    assert answer.status_code == 400


def test_a_changed_inventory_is_not_looked_at(farm):
    group = farm.group("g")
    body = farm.as_("adm").patch(f"{URL}{group.pk}/", {"inventory": 99999, "description": "d"}, format="json").json()
    assert (body["inventory"], body["description"]) == (farm.inventory.pk, "d")


def test_a_tree_without_an_end_is_refused(farm):
    top, middle = farm.group("top"), farm.group("middle")
    top.children.add(middle)
    middle.children.add(low := farm.group("low"))
    low.children.add(middle)  # as an import may bring it
    answer = farm.as_("rea").get(f"/api/v2/inventories/{farm.inventory.pk}/tree/")
    assert (answer.status_code, "deeper" in answer.json()["detail"]) == (400, True)


@pytest.mark.django_db(transaction=True)
def test_two_requests_close_no_circle_together(farm, monkeypatch):
    one, two = farm.group("one"), farm.group("two")
    asked, answers, look = threading.Barrier(2), [], graph.would_cycle

    def slowly(parent, child):
        found = look(parent, child)
        with contextlib.suppress(threading.BrokenBarrierError):
            asked.wait(timeout=1)  # until the other one has looked too, should it be let in
        return found

    def attach(parent, child):
        url = f"{URL}{parent.pk}/children/"
        answers.append(farm.as_("admin").post(url, {"id": child.pk}, format="json").status_code)
        connection.close()

    monkeypatch.setattr(graph, "would_cycle", slowly)
    threads = [threading.Thread(target=attach, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [204, 400]
