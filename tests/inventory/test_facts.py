"""The fact cache: files for a run, and back what the run changed."""

import json
import os
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from apps.inventory.models import Host, HostFacts, Inventory
from apps.inventory.services import facts

pytestmark = pytest.mark.django_db


def job_on(inventory, limit="", number=0, count=1):
    return SimpleNamespace(inventory=inventory, limit=limit, job_slice_number=number, job_slice_count=count)


def gather(directory, host, found):
    """What Ansible does when it has gathered facts."""
    path = directory / f"s1_{host}"
    path.write_text(json.dumps({"__payload__": json.dumps(found)}))
    return path


@pytest.fixture
def known(farm):
    """a and b with facts of a minute ago, c without."""
    at = timezone.now() - timedelta(minutes=1)
    for name in "abc":
        host = farm.host(name)
        if name != "c":
            HostFacts.objects.create(host=host, data={"ansible_name": name})
            Host.objects.filter(pk=host.pk).update(ansible_facts_modified=at)
    farm.group("g", farm.inventory.hosts.get(name="b"))
    return farm


def written(directory):
    return sorted(name.removeprefix("s1_") for name in os.listdir(directory) if not name.startswith("."))


def test_facts_become_files_and_only_changed_ones_come_back(known, tmp_path):
    job = job_on(known.inventory)
    facts.write_facts(job, tmp_path)
    assert written(tmp_path) == ["a", "b"]
    before = Host.objects.get(name="b").ansible_facts_modified
    gather(tmp_path, "a", {"ansible_name": "fresh", "tagged": {"__ansible_type": "_AnsibleTaggedStr", "value": "v"}})
    gather(tmp_path, "c", {"ansible_name": "nul\0"})
    gather(tmp_path, "stranger", {"x": 1})
    facts.read_facts(job, tmp_path)
    data = dict(HostFacts.objects.values_list("host__name", "data"))
    assert data == {
        "a": {"ansible_name": "fresh", "tagged": "v"}, "b": {"ansible_name": "b"}, "c": {"ansible_name": "nul"},
    }  # fmt: skip
    assert Host.objects.get(name="b").ansible_facts_modified == before
    assert Host.objects.get(name="a").ansible_facts_modified > before


def test_reading_twice_changes_nothing_more(known, tmp_path):
    job = job_on(known.inventory)
    facts.write_facts(job, tmp_path)
    gather(tmp_path, "a", {"n": 1})
    facts.read_facts(job, tmp_path)
    before = Host.objects.get(name="a").ansible_facts_modified
    facts.read_facts(job, tmp_path)
    assert Host.objects.get(name="a").ansible_facts_modified == before


def test_facts_of_a_job_that_ended_later_stay(known, tmp_path):
    job = job_on(known.inventory)
    (tmp_path / "one").mkdir(), (tmp_path / "two").mkdir()
    facts.write_facts(job, tmp_path / "one")
    facts.write_facts(job, tmp_path / "two")
    early = gather(tmp_path / "one", "a", {"from": "one"})
    os.utime(early, (time.time() - 5, time.time() - 5))
    gather(tmp_path / "two", "a", {"from": "two"})
    (tmp_path / "one" / "s1_b").unlink()
    gather(tmp_path / "two", "b", {"from": "two"})
    facts.read_facts(job, tmp_path / "two")
    facts.read_facts(job, tmp_path / "one")
    data = dict(HostFacts.objects.values_list("host__name", "data"))
    assert data == {"a": {"from": "two"}, "b": {"from": "two"}}


def test_cleared_facts_are_cleared(known, tmp_path):
    job = job_on(known.inventory)
    facts.write_facts(job, tmp_path)
    (tmp_path / "s1_a").unlink()
    facts.read_facts(job, tmp_path)
    assert list(HostFacts.objects.values_list("host__name", flat=True)) == ["b"]


def test_only_hosts_of_the_slice_and_of_the_limit_are_written(known, tmp_path):
    for number, (job, names) in enumerate(
        [
            (job_on(known.inventory, number=1, count=2), ["a"]),
            (job_on(known.inventory, limit="b"), ["b"]),
            (job_on(known.inventory, limit="g,c"), ["b"]),
            (job_on(known.inventory, limit="all"), ["a", "b"]),
            (job_on(known.inventory, limit="a*"), ["a", "b"]),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        facts.write_facts(job, place)
        assert written(place) == names


def test_old_facts_are_not_written(known, tmp_path, monkeypatch):
    Host.objects.filter(name="a").update(ansible_facts_modified=timezone.now() - timedelta(days=3))
    monkeypatch.setattr(facts.live, "get", lambda name: {"ANSIBLE_FACT_CACHE_TIMEOUT": 3600}[name])
    facts.write_facts(job_on(known.inventory), tmp_path)
    assert written(tmp_path) == ["b"]


def test_hosts_of_a_constructed_inventory_share_the_facts_of_the_hosts_they_stand_for(known, tmp_path):
    made = Inventory.objects.create(name="c", organization=known.org, kind="constructed")
    real = known.inventory.hosts.get(name="a")
    Host.objects.create(name="a", inventory=made, instance_id=str(real.pk))
    facts.write_facts(job_on(made), tmp_path)
    assert written(tmp_path) == ["a"]
    gather(tmp_path, "a", {"n": 2})
    facts.read_facts(job_on(made), tmp_path)
    assert HostFacts.objects.get(host=real).data == {"n": 2}


def test_a_name_that_is_no_file_name_is_left_out(farm, tmp_path):
    host = farm.host("../../evil")
    HostFacts.objects.create(host=host, data={"x": 1})
    Host.objects.update(ansible_facts_modified=timezone.now())
    facts.write_facts(job_on(farm.inventory), tmp_path)
    assert written(tmp_path) == []
