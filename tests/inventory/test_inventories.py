"""/inventories/: who makes, changes, copies and deletes them, and of which kinds they are."""

import pytest

from apps.inventory import tasks
from apps.inventory.models import Group, Host, Inventory, InventorySource
from apps.inventory.services import copying, counters

pytestmark = pytest.mark.django_db
URL = "/api/v2/inventories/"


@pytest.mark.parametrize(
    ("who", "sees", "changes"),
    [("admin", 200, 200), ("oa", 200, 200), ("adm", 200, 200), ("use", 200, 403), ("rea", 200, 403), ("out", 404, 404)],
)
def test_roles_decide_who_reads_and_who_changes(farm, who, sees, changes):
    client, url = farm.as_(who), f"{URL}{farm.inventory.pk}/"
    assert client.get(url).status_code == sees
    assert client.patch(url, {"description": "x"}, format="json").status_code == changes


@pytest.mark.parametrize(("who", "status"), [("oa", 201), ("adm", 403), ("out", 403)])
def test_the_organization_decides_who_makes_one(farm, who, status):
    answer = farm.as_(who).post(URL, {"name": "new", "organization": farm.org.pk}, format="json")
    assert answer.status_code == status


def test_capabilities_follow_the_roles(farm):
    url = f"{URL}{farm.inventory.pk}/"
    shown = {who: farm.as_(who).get(url).json()["summary_fields"]["user_capabilities"] for who in ("oa", "adm", "hoc")}
    assert shown["oa"] == {"edit": True, "delete": True, "copy": True, "adhoc": True}
    assert shown["adm"] == {"edit": True, "delete": True, "copy": False, "adhoc": True}
    assert shown["hoc"] == {"edit": False, "delete": False, "copy": False, "adhoc": True}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "organization": None}, "organization"),
        ({"name": "x", "organization": 99999}, "organization"),
        ({"name": " "}, "name"),
        ({"name": "x", "kind": "dynamic"}, "kind"),
        ({"name": "x", "variables": "a: [b"}, "variables"),
        ({"name": "x", "variables": "d: 2020-01-01"}, "variables"),
        ({"name": "x", "kind": "smart"}, "host_filter"),
        ({"name": "x", "kind": "smart", "host_filter": "name="}, "host_filter"),
        ({"name": "barn"}, "__all__"),
    ],
)
def test_bad_input_names_the_field(farm, body, field):
    answer = farm.as_("admin").post(URL, {"organization": farm.org.pk} | body, format="json")
    assert answer.status_code == 400
    assert field in answer.json()


def test_a_kind_stays_but_a_smart_inventory_may_become_a_plain_one(farm):
    client = farm.as_("admin")
    assert client.patch(f"{URL}{farm.inventory.pk}/", {"kind": "smart"}, format="json").status_code == 405
    body = {"name": "s", "organization": farm.org.pk, "kind": "smart", "host_filter": "name=a"}
    smart = client.post(URL, body, format="json").json()
    assert client.patch(f"{URL}{smart['id']}/", {"kind": ""}, format="json").json()["kind"] == ""


def test_a_new_host_filter_takes_the_right_on_the_organization(farm):
    url = f"{URL}{farm.inventory.pk}/"
    assert farm.as_("adm").patch(url, {"host_filter": "name=a"}, format="json").status_code == 403
    assert farm.as_("oa").patch(url, {"host_filter": "name=a"}, format="json").status_code == 200


def test_a_smart_inventory_holds_the_hosts_that_its_filter_finds_in_its_organization(farm, admin, api):
    farm.host("web1"), farm.host("web2"), farm.host("db1")
    twin = Inventory.objects.create(name="twin", organization=farm.org)
    Host.objects.create(name="web1", inventory=twin)
    body = {"name": "s", "organization": farm.org.pk, "kind": "smart", "host_filter": "name__startswith=web"}
    smart = api(admin).post(URL, body, format="json").json()
    hosts = api(admin).get(f"{URL}{smart['id']}/hosts/").json()
    assert [(host["name"], host["inventory"]) for host in hosts["results"]] == [
        ("web1", farm.inventory.pk), ("web2", farm.inventory.pk),
    ]  # fmt: skip
    assert smart["total_hosts"] == 2
    host = Host.objects.get(name="web2")
    found = api(admin).get(f"/api/v2/hosts/{host.pk}/smart_inventories/").json()["results"]
    assert [inventory["name"] for inventory in found] == ["s"]


def test_hosts_are_not_put_into_a_smart_inventory(farm):
    smart = Inventory.objects.create(name="s", organization=farm.org, kind="smart", host_filter="name=a")
    answer = farm.as_("admin").post("/api/v2/hosts/", {"name": "a", "inventory": smart.pk}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["inventory"])


def test_deleting_marks_the_inventory_and_the_task_removes_everything(farm, django_capture_on_commit_callbacks):
    farm.group("g", farm.host("h"), children=[farm.group("c")])
    InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    url = f"{URL}{farm.inventory.pk}/"
    assert farm.as_("adm").delete(url).status_code == 202
    assert farm.as_("adm").get(url).json()["pending_deletion"] is True
    assert farm.as_("adm").delete(url).status_code == 400
    tasks.delete_inventory(farm.inventory.pk, farm.adm.pk)
    assert farm.as_("admin").get(url).status_code == 404
    assert not Host.objects.exists()
    assert not Group.objects.exists()
    assert not InventorySource.objects.exists()


def test_what_running_jobs_use_is_not_deleted(farm):
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    update = source.inventory_updates.create(name="u", inventory=farm.inventory, source="ec2", status="running")
    host = farm.host("h")
    for url in (f"{URL}{farm.inventory.pk}/", f"/api/v2/hosts/{host.pk}/", f"/api/v2/organizations/{farm.org.pk}/"):
        answer = farm.as_("admin").delete(url)
        assert answer.status_code == 409, url
        assert answer.json()["active_jobs"] == [{"type": "inventory_update", "id": update.pk}]
    update.status = "successful"
    update.save()
    assert farm.as_("admin").delete(f"/api/v2/hosts/{host.pk}/").status_code == 204
    assert farm.as_("admin").delete(f"/api/v2/organizations/{farm.org.pk}/").status_code == 204


def test_a_copy_is_whole_where_no_task_can_be_queued(farm, monkeypatch, django_capture_on_commit_callbacks):
    farm.host("h")
    monkeypatch.setattr(copying, "send", lambda *args: False)
    with django_capture_on_commit_callbacks(execute=True):
        twin = farm.as_("oa").post(f"{URL}{farm.inventory.pk}/copy/", {"name": "twin"}, format="json").json()
    assert Inventory.objects.get(pk=twin["id"]).hosts.count() == 1


def test_a_copy_brings_hosts_and_groups_but_no_sources(farm):
    host = farm.host("h", variables="a: 1", enabled=False)
    farm.group("top", children=[farm.group("sub", host)])
    InventorySource.objects.create(name="s", inventory=farm.inventory, source="ec2")
    url = f"{URL}{farm.inventory.pk}/copy/"
    assert farm.as_("adm").post(url, {"name": "twin"}, format="json").status_code == 403
    twin = farm.as_("oa").post(url, {"name": "twin"}, format="json").json()
    tasks.copy_contents(farm.inventory.pk, twin["id"], farm.oa.pk)
    made = Inventory.objects.get(pk=twin["id"])
    assert list(made.hosts.values_list("name", "variables", "enabled")) == [("h", "a: 1", False)]
    assert list(made.groups.get(name="top").children.values_list("name", flat=True)) == ["sub"]
    assert list(made.groups.get(name="sub").hosts.values_list("name", flat=True)) == ["h"]
    assert not made.inventory_sources.exists()
    assert (made.total_hosts, made.total_groups) == (1, 2)
    assert farm.as_("oa").post(url, {"name": "twin"}, format="json").status_code == 400


def test_counters_tell_hosts_groups_and_failures(farm):
    farm.group("g", farm.host("a"), farm.host("b"))
    counters.count_hosts([farm.inventory.pk])
    body = farm.as_("rea").get(f"{URL}{farm.inventory.pk}/").json()
    assert (body["total_hosts"], body["total_groups"], body["has_active_failures"]) == (2, 1, False)


def test_the_list_costs_the_same_number_of_queries_for_any_length(farm, django_assert_max_num_queries):
    Inventory.objects.bulk_create([Inventory(name=f"i{n}", organization=farm.org) for n in range(30)])
    client = farm.as_("oa")
    client.get(URL)
    with django_assert_max_num_queries(10):
        assert client.get(f"{URL}?page_size=50").json()["count"] == 31


def test_a_filter_that_only_the_database_refuses_is_not_stored(farm):
    smart = Inventory.objects.create(name="s", organization=farm.org, kind="smart", host_filter="name=a")
    url = f"{URL}{smart.pk}/"
    answer = farm.as_("admin").patch(url, {"host_filter": "name__regex=a{1,99999}"}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["host_filter"])
    Inventory.objects.filter(pk=smart.pk).update(host_filter="name__regex=a{1,99999}")  # of an earlier release
    counters.count_all()
    assert farm.as_("admin").get(f"{url}hosts/").json()["count"] == 0
