"""/hosts/: names, variables, groups, and what may not be done."""

import pytest

from apps.inventory.models import Host, HostFacts, Inventory

pytestmark = pytest.mark.django_db
URL = "/api/v2/hosts/"


@pytest.mark.parametrize(("who", "status"), [("adm", 201), ("oa", 201), ("use", 403), ("rea", 403), ("out", 403)])
def test_who_changes_an_inventory_puts_hosts_into_it(farm, who, status):
    answer = farm.as_(who).post(URL, {"name": "h", "inventory": farm.inventory.pk}, format="json")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "h"}, "inventory"),
        ({"name": "h", "inventory": 99999}, "detail"),
        ({"name": "h", "inventory": "x"}, "detail"),
        ({"name": "h:0"}, "name"),
        ({"name": "h:99999"}, "name"),
        ({"name": "h:ssh"}, "name"),
        ({"name": "h", "variables": "word"}, "variables"),
        ({"name": "h", "enabled": "maybe"}, "enabled"),
        ({"name": "taken"}, "__all__"),
        ({"name": "group"}, "__all__"),
    ],
)
def test_bad_input_names_the_field(farm, body, field):
    farm.host("taken"), farm.group("group")
    given = body if field in ("inventory", "detail") else {"inventory": farm.inventory.pk} | body
    answer = farm.as_("admin").post(URL, given, format="json")
    assert (answer.status_code, field in answer.json()) == (400, True), answer.json()


def test_a_port_in_a_name_becomes_a_variable(farm):
    body = {"name": "h:2222", "inventory": farm.inventory.pk, "variables": "a: 1"}
    made = farm.as_("admin").post(URL, body, format="json").json()
    assert (made["name"], made["variables"]) == ("h", '{"a": 1, "ansible_ssh_port": 2222}')


def test_a_host_stays_in_its_inventory(farm):
    other = Inventory.objects.create(name="other", organization=farm.org)
    url = f"{URL}{farm.host('h').pk}/"
    assert farm.as_("admin").patch(url, {"inventory": other.pk}, format="json").status_code == 403


def test_renaming_onto_another_host_is_refused(farm):
    farm.host("a")
    answer = farm.as_("admin").patch(f"{URL}{farm.host('b').pk}/", {"name": "a"}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_attaching_moves_a_host_and_taking_it_off_deletes_it(farm):
    other = Inventory.objects.create(name="other", organization=farm.org)
    host = farm.host("h")
    farm.group("g", host)
    client = farm.as_("oa")
    assert client.post(f"/api/v2/inventories/{other.pk}/hosts/", {"id": host.pk}, format="json").status_code == 204
    host.refresh_from_db()
    assert (host.inventory, host.groups.count()) == (other, 0)
    body = {"id": host.pk, "disassociate": True}
    assert client.post(f"/api/v2/inventories/{other.pk}/hosts/", body, format="json").status_code == 204
    assert not Host.objects.filter(pk=host.pk).exists()


def test_moving_takes_the_right_on_both_inventories(farm):
    other = Inventory.objects.create(name="other", organization=farm.org)
    mine = Host.objects.create(name="h", inventory=other)
    url = f"/api/v2/inventories/{farm.inventory.pk}/hosts/"
    assert farm.as_("adm").post(url, {"id": mine.pk}, format="json").status_code == 403


def test_an_organization_with_a_limit_takes_no_further_machine(farm):
    farm.org.max_hosts = 1
    farm.org.save()
    farm.host("a")
    body = {"inventory": farm.inventory.pk}
    assert farm.as_("admin").post(URL, body | {"name": "b"}, format="json").status_code == 403
    other = Inventory.objects.create(name="other", organization=farm.org)
    again = {"name": "a", "inventory": other.pk}
    assert farm.as_("admin").post(URL, again, format="json").status_code == 201


def test_a_group_and_a_host_of_different_inventories_are_not_linked(farm):
    other = Inventory.objects.create(name="other", organization=farm.org)
    stranger = Host.objects.create(name="x", inventory=other)
    url = f"/api/v2/groups/{farm.group('g').pk}/hosts/"
    assert farm.as_("admin").post(url, {"id": stranger.pk}, format="json").status_code == 400


def test_a_known_name_without_variables_goes_into_the_group(farm):
    farm.host("h")
    group = farm.group("g")
    url = f"/api/v2/groups/{group.pk}/hosts/"
    assert farm.as_("adm").post(url, {"name": "h"}, format="json").status_code == 204
    assert group.hosts.count() == 1
    assert farm.as_("adm").post(url, {"name": "h", "variables": "a: 1"}, format="json").status_code == 400


def test_facts_are_read_by_those_who_read_the_host(farm):
    host = farm.host("h")
    HostFacts.objects.create(host=host, data={"ansible_distribution": "Debian"})
    url = f"{URL}{host.pk}/ansible_facts/"
    assert farm.as_("rea").get(url).json() == {"ansible_distribution": "Debian"}
    assert farm.as_("out").get(url).status_code == 404
    assert farm.as_("adm").put(url, {}, format="json").status_code == 405


def test_variable_data_is_the_object_behind_the_text(farm):
    host = farm.host("h", variables="a: 1\nb: [x]")
    url = f"{URL}{host.pk}/variable_data/"
    assert farm.as_("rea").get(url).json() == {"a": 1, "b": ["x"]}
    assert farm.as_("rea").put(url, {"c": 2}, format="json").status_code == 403
    assert farm.as_("adm").patch(url, {"c": 2}, format="json").json() == {"c": 2}
    host.refresh_from_db()
    assert host.variables == '{"c": 2}'
    assert farm.as_("adm").put(url, [1], format="json").status_code == 400


def test_the_list_costs_the_same_number_of_queries_for_any_length(farm, django_assert_max_num_queries):
    Host.objects.bulk_create([Host(name=f"h{n:03}", inventory=farm.inventory) for n in range(60)])
    client = farm.as_("rea")
    client.get(URL)
    with django_assert_max_num_queries(8):
        assert len(client.get(f"{URL}?page_size=50").json()["results"]) == 50


def test_a_host_of_a_constructed_inventory_leads_to_the_one_it_stands_for(farm):
    original = farm.host("h")
    made = farm.as_("oa").post(
        "/api/v2/inventories/", {"name": "c", "kind": "constructed", "organization": farm.org.pk}
    )
    source = farm.as_("oa").get(f"{made.json()['url']}inventory_sources/").json()["results"][0]
    assert source["name"] == "Auto-created source for: c"
    stands = Host.objects.create(name="h", inventory_id=made.json()["id"], instance_id=str(original.pk))
    related = farm.as_("oa").get(f"/api/v2/hosts/{stands.pk}/").json()["related"]
    assert related["original_host"] == f"/api/v2/hosts/{original.pk}/"
    refused = farm.as_("oa").delete(f"/api/v2/hosts/{stands.pk}/")
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
