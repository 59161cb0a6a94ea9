"""Which instances belong to which groups, by the groups' policies."""

from __future__ import annotations

from django.db import transaction

from apps.instances.models import Instance, InstanceGroup


@transaction.atomic
def apply_policies() -> None:
    """Bring every group's members in line: named ones, then a minimum, then a percentage of all.

    Instances that no policy manages stay where they are, and are in the groups that name them.
    """
    instances = list(Instance.objects.filter(managed_by_policy=True).exclude(node_type="hop"))
    by_name = dict(Instance.objects.exclude(node_type="hop").values_list("hostname", "pk"))
    manual = InstanceGroup.instances.through.objects.filter(instance__managed_by_policy=False)
    kept: dict[int, set[int]] = {}
    for group_id, instance_id in manual.values_list("instancegroup_id", "instance_id"):
        kept.setdefault(group_id, set()).add(instance_id)
    for group in InstanceGroup.objects.select_for_update().order_by("pk"):
        members = set() if group.is_container_group else wanted(group, instances, by_name) | kept.get(group.pk, set())
        group.instances.set(members)


def wanted(group: InstanceGroup, instances: list[Instance], by_name: dict[str, int]) -> set[int]:
    """The instances that a group's policy asks for."""
    usable = [instance for instance in instances if instance.node_type in allowed(group)]
    least = max(group.policy_instance_minimum, -(-len(usable) * group.policy_instance_percentage // 100))
    named = {by_name[name] for name in group.policy_instance_list if name in by_name}
    more = [instance.pk for instance in usable if instance.pk not in named]
    return named | set(more[: max(0, least - len(named))])


def allowed(group: InstanceGroup) -> tuple[str, ...]:
    """The control plane's group has control nodes, the others those that run jobs."""
    return ("control", "hybrid") if group.name == "controlplane" else ("execution", "hybrid")


@transaction.atomic
def join_group(group: InstanceGroup, instance: Instance) -> None:
    """Someone puts an instance into a group: the group's policy names it from now on."""
    group = InstanceGroup.objects.select_for_update().get(pk=group.pk)  # as it is by now
    if instance.hostname not in group.policy_instance_list:
        group.policy_instance_list = [*group.policy_instance_list, instance.hostname]
        group.save(update_fields=["policy_instance_list", "modified"])
    group.instances.add(instance)


@transaction.atomic
def leave_group(group: InstanceGroup, instance: Instance) -> None:
    """Someone takes it out: the policy no longer names it."""
    group = InstanceGroup.objects.select_for_update().get(pk=group.pk)
    if instance.hostname in group.policy_instance_list:
        group.policy_instance_list = [name for name in group.policy_instance_list if name != instance.hostname]
        group.save(update_fields=["policy_instance_list", "modified"])
    group.instances.remove(instance)
