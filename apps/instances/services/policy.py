"""Which instances belong to which groups, by the groups' policies."""

from __future__ import annotations

from apps.instances.models import Instance, InstanceGroup


def apply_policies() -> None:
    """Bring every group's members in line: named ones, then a minimum, then a percentage of all."""
    instances = list(Instance.objects.filter(managed_by_policy=True, enabled=True).exclude(node_type="hop"))
    for group in InstanceGroup.objects.filter(is_container_group=False):
        named = list(Instance.objects.filter(hostname__in=group.policy_instance_list))
        usable = [i for i in instances if i.node_type in allowed(group)]
        wanted = max(group.policy_instance_minimum, -(-len(usable) * group.policy_instance_percentage // 100))
        members = {i.pk for i in named} | {i.pk for i in usable[: max(0, wanted)]}
        manual = Instance.objects.filter(managed_by_policy=False, rampart_groups=group).values_list("pk", flat=True)
        if group.policy_instance_list or wanted:
            group.instances.set(members | set(manual))


def allowed(group: InstanceGroup) -> tuple[str, ...]:
    """The control plane's group has control nodes, the others those that run jobs."""
    return ("control", "hybrid") if group.name == "controlplane" else ("execution", "hybrid")
