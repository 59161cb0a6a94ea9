"""Merging what ansible-inventory found into an inventory."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import Group, Host, InventorySource, InventoryUpdate
from apps.inventory.services.importing import ImportFailed, import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def merge(farm, tmp_path):
    """`merge(hosts, groups, **options)` merges {host: variables} and {group: {hosts, children, vars}}."""
    source = InventorySource.objects.create(name="s", inventory=farm.inventory, source="scm")

    def run(hosts, groups=None, of=source, **options):
        for name, value in options.items():
            setattr(of, name, value)
        path = tmp_path / "found.json"
        groups = {"all": {"children": ["ungrouped"]}} | (groups or {"ungrouped": {"hosts": list(hosts)}})
        path.write_text(json.dumps({"_meta": {"hostvars": hosts}, **groups}, indent=4, sort_keys=True))
        return import_file(path, of, of)

    run.source = source
    return run


def test_hosts_groups_and_what_is_in_what(farm, merge):
    groups = {
        "Web": {"hosts": ["a", "b"], "children": ["eu"], "vars": {"port": 80}},
        "eu": {"hosts": ["c"]},
        "all": {"children": ["Web", "ungrouped"], "vars": {"top": 1}},
    }
    result = merge({"a": {"x": 1}, "b": {"y": {"z": [1]}}}, groups)
    assert (result.hosts_added, result.groups_added) == (3, 2)
    assert dict(Host.objects.values_list("name", "variables")) == {"a": '{"x": 1}', "b": '{"y": {"z": [1]}}', "c": ""}
    web = Group.objects.get(name="Web")
    assert (web.variables, [h.name for h in web.hosts.all()]) == ('{"port": 80}', ["a", "b"])
    assert [g.name for g in web.children.all()] == ["eu"]
    farm.inventory.refresh_from_db()
    assert json.loads(farm.inventory.variables) == {"top": 1}
    assert (farm.inventory.total_hosts, farm.inventory.total_groups) == (3, 2)
    assert merge.source.hosts.count() == 3


def test_variables_are_merged_unless_they_are_to_be_replaced(farm, merge):
    farm.host("a", variables="mine: 1\nx: old")
    merge({"a": {"x": "new"}})
    assert json.loads(Host.objects.get(name="a").variables) == {"mine": 1, "x": "new"}
    merge({"a": {"x": "new"}}, overwrite_vars=True)
    assert json.loads(Host.objects.get(name="a").variables) == {"x": "new"}


def test_overwriting_removes_only_what_this_source_brought(farm, merge):
    other = InventorySource.objects.create(name="o", inventory=farm.inventory, source="scm")
    farm.host("by_hand")
    merge({"shared": {}}, of=other)
    merge({"a": {}, "b": {}, "shared": {}}, {"g": {"hosts": ["a", "b"]}, "gone": {"hosts": ["b"]}})
    merge({"b": {}}, {"g": {"hosts": ["b"]}})
    assert Host.objects.count() == 4
    result = merge({"b": {}}, {"g": {"hosts": ["b"]}}, overwrite=True)
    assert (result.hosts_removed, result.groups_removed) == (1, 1)
    assert set(Host.objects.values_list("name", flat=True)) == {"b", "shared", "by_hand"}
    assert [h.name for h in Group.objects.get(name="g").hosts.all()] == ["b"]


def test_a_host_that_left_a_group_leaves_it_here(farm, merge):
    mine = farm.host("mine")
    merge({"a": {}, "b": {}}, {"g": {"hosts": ["a", "b"], "children": ["c"]}, "c": {}})
    Group.objects.get(name="g").hosts.add(mine)
    merge({"a": {}, "b": {}}, {"g": {"hosts": ["a"]}, "c": {}, "ungrouped": {"hosts": ["b"]}}, overwrite=True)
    group = Group.objects.get(name="g")
    assert {h.name for h in group.hosts.all()} == {"a", "mine"}
    assert not group.children.exists()


def test_the_state_of_hosts_comes_from_their_variables(farm, merge):
    hosts = {"up": {"s": {"power": "on"}}, "down": {"s": {"power": "off"}}, "unknown": {}}
    merge(hosts, enabled_var="s.power", enabled_value="on")
    assert dict(Host.objects.values_list("name", "enabled")) == {"up": True, "down": False, "unknown": True}
    Host.objects.filter(name="unknown").update(enabled=False)
    merge(hosts, enabled_var="s.power", enabled_value="on")
    assert Host.objects.get(name="unknown").enabled is False


def test_a_machine_with_another_name_keeps_its_row(farm, merge):
    merge({"old": {"instance_id": "i-1"}}, source="ec2")
    pk = Host.objects.get().pk
    merge({"new": {"instance_id": {"__ansible_unsafe": "i-1"}}}, source="ec2", overwrite=True)
    assert (Host.objects.get().pk, Host.objects.get().name) == (pk, "new")


def test_a_filter_of_names_leaves_hosts_out(farm, merge):
    merge({"web1": {}, "db1": {}}, {"g": {"hosts": ["web1", "db1"]}}, host_filter="^web")
    assert [h.name for h in Group.objects.get(name="g").hosts.all()] == ["web1"]
    with pytest.raises(ImportFailed):
        merge({"a": {}}, host_filter="(")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"_meta": {"hostvars": {"a": {}', '{"_meta": 1}', "null"])
def test_what_is_no_inventory_changes_nothing(farm, merge, tmp_path, text):
    farm.host("h")
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ImportFailed):
        import_file(path, merge.source, merge.source)
    assert Host.objects.count() == 1


def test_more_hosts_than_the_organization_may_have_are_none_at_all(farm, merge):
    farm.org.max_hosts = 1
    farm.org.save()
    with pytest.raises(ImportFailed) as caught:
        merge({"a": {}, "b": {}})
    assert caught.value.over_limit
    assert not Host.objects.exists()


def test_strange_text_survives(farm, merge):
    odd = {"tab": "a\tb", "quote": 'say "x",\\N', "nul": "a\0b", "uni": "目"}
    merge({'h,"1"': odd, "\\N": {}})
    assert set(Host.objects.values_list("name", flat=True)) == {'h,"1"', "\\N"}
    assert json.loads(Host.objects.get(name='h,"1"').variables) == odd | {"nul": "ab"}


def test_a_thousand_hosts_cost_as_many_queries_as_one_and_a_repeat_changes_nothing(farm, merge):
    def count(number):
        hosts = {f"n{number}-{n}": {"x": n} for n in range(number)}
        with CaptureQueriesContext(connection) as queries:
            merge(hosts, {"g": {"hosts": list(hosts)}})
        return len(queries)

    count(1)
    assert count(2) == count(1_000)
    before = dict(Host.objects.values_list("pk", "modified"))
    count(1_000)
    assert dict(Host.objects.values_list("pk", "modified")) == before


def test_the_command_imports_a_file(farm, tmp_path, capsys):
    path = tmp_path / "hosts.ini"
    path.write_text("[web]\na x=1\nb\n[all:vars]\nc=3\n")
    call_command("inventory_import", inventory_id=farm.inventory.pk, source=str(path))
    assert "2 new" in capsys.readouterr().out
    assert [h.name for h in Group.objects.get(name="web").hosts.all()] == ["a", "b"]
    update = InventoryUpdate.objects.get()
    assert (update.status, update.inventory_source.source) == ("successful", "file")


class Terminal(StringIO):
    """Where a progress bar is drawn."""

    def isatty(self):
        return True


def test_the_command_filters_groups_and_shows_how_far_it_is(farm, tmp_path):
    path, screen = tmp_path / "hosts.ini", Terminal()
    path.write_text("[web]\na\n[web:children]\nhollow\n[db]\nb\n[hollow:children]\nempty\n[empty]\n")
    words = ["--inventory_id", str(farm.inventory.pk), "--source", str(path)]
    call_command(
        "inventory_import", *words, "--group_filter", "web|hollow|empty", "--exclude-empty-groups", stderr=screen
    )
    assert list(Group.objects.values_list("name", flat=True)) == ["web"]
    assert set(Host.objects.values_list("name", flat=True)) == {"a", "b"}
    assert "100%" in screen.getvalue()
    call_command("inventory_import", *words)
    assert set(Group.objects.values_list("name", flat=True)) == {"web", "db", "hollow", "empty"}
    with pytest.raises(CommandError, match="group filter"):
        call_command("inventory_import", *words, "--group-filter", "(")


def test_the_command_says_what_is_wrong(farm, tmp_path):
    path = tmp_path / "hosts.yml"
    path.write_text("- not: an inventory")
    with pytest.raises(CommandError, match="ansible-inventory"):
        call_command("inventory_import", inventory_id=farm.inventory.pk, source=str(path))
    assert InventoryUpdate.objects.get().status == "failed"
    with pytest.raises(CommandError):
        call_command("inventory_import", inventory_name="nothing", source=str(path))
