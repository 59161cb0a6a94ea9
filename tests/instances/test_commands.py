"""The management commands of instances and groups."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.instances.models import Instance, InstanceGroup

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def two(db: None) -> Any:
    """Two registered instances."""
    run("provision_instance", "--hostname", "one")
    run("provision_instance", "--hostname", "two", "--node_type", "execution", "--uuid", "1234")


def test_provisioning_twice_changes_nothing(two: Any) -> None:
    assert "(changed" not in run("provision_instance", "--hostname", "one")
    assert list(Instance.objects.values_list("hostname", "node_type")) == [("one", "hybrid"), ("two", "execution")]
    assert Instance.objects.get(hostname="two").uuid == "1234"
    with pytest.raises(CommandError):
        run("provision_instance", "--hostname", "x", "--node_type", "odd")
    with pytest.raises(CommandError, match="no name of a host"):
        run("provision_instance", "--hostname", "a b")


def test_deprovisioning(two: Any) -> None:
    assert "(changed: True)" in run("deprovision_instance", "--hostname", "one")
    assert list(Instance.objects.values_list("hostname", flat=True)) == ["two"]
    assert "(changed" not in run("deprovision_instance", "--hostname", "one")


def test_queues(two: Any) -> None:
    assert "Created" in run("register_queue", "--queuename", "q", "--hostnames", "one, two")
    group = InstanceGroup.objects.get()
    assert set(group.instances.values_list("hostname", flat=True)) == {"one", "two"}
    assert "(changed" not in run("register_queue", "--queuename", "q", "--hostnames", "one, two")
    assert "(changed: True)" in run("register_queue", "--queuename", "q", "--hostnames", "one")
    assert "Updated" in run("register_queue", "--queuename", "q", "--instance_percent", "50")
    assert group.instances.count() == 1
    with pytest.raises(CommandError):
        run("register_queue", "--queuename", "q", "--hostnames", "nowhere")
    with pytest.raises(CommandError):
        run("register_queue", "--queuename", "q", "--instance_percent", "101")
    run("register_queue", "--queuename", "q", "--hostnames", "one,two")
    run("remove_from_queue", "--queuename", "q", "--hostname", "one")
    group.refresh_from_db()
    assert (list(group.instances.values_list("hostname", flat=True)), group.policy_instance_list) == (["two"], ["two"])
    with pytest.raises(CommandError):
        run("remove_from_queue", "--queuename", "q", "--hostname", "nowhere")
    run("unregister_queue", "--queuename", "q")
    assert not InstanceGroup.objects.exists()
    assert Instance.objects.count() == 2
    for name in ("q", "default", "controlplane"):
        with pytest.raises(CommandError):
            run("unregister_queue", "--queuename", name)


def test_the_list_shows_groups_and_what_is_in_none(two: Any) -> None:
    run("register_queue", "--queuename", "q", "--hostnames", "one", "--instance_minimum", "1")
    Instance.objects.filter(hostname="one").update(enabled=False)
    out = run("list_instances")
    assert "[q capacity=0 policy>=1]" in out
    assert "\t[DISABLED] one capacity=0 node_type=hybrid version=?" in out
    assert "\033[90m[DISABLED] one" in run("list_instances", "--force-color")
    assert (
        out.index("one capacity=0")
        < out.index("[ungrouped capacity=0]")
        < out.index("two capacity=0 node_type=execution")
    )
