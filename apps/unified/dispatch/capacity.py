"""How much room the instances and groups have, and which of them takes the next job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum

from apps.conf import live
from apps.instances.models import Instance, InstanceGroup
from apps.unified.models import UnifiedJob

BUSY = ("waiting", "running")


@dataclass
class Node:
    """An instance: what it can take and how much of that is taken."""

    hostname: str
    capacity: int
    used: int = 0
    jobs: int = 0
    held: bool = False  # kept free for a job that has waited long

    @property
    def room(self) -> int:
        """What is left."""
        return self.capacity - self.used

    def takes(self, impact: int) -> bool:
        """Whether a job fits; an idle instance takes any, or one that is too large would wait for ever."""
        return not self.held and (self.room >= impact or (self.jobs == 0 and self.capacity > 0))


@dataclass
class Group:
    """A group: its instances, and its own limits (0 for none)."""

    pk: int
    name: str
    max_jobs: int
    max_forks: int
    nodes: list[Node] = field(default_factory=list)
    jobs: int = 0
    used: int = 0
    held: bool = False  # its forks are kept for a job that has waited long

    def allows(self, impact: int) -> bool:
        """Whether the group's own limits leave room for the job; a job larger than the limit runs alone."""
        if self.max_jobs and self.jobs >= self.max_jobs:
            return False
        return not (self.max_forks and self.used + impact > self.max_forks and self.jobs)

    def obstacle(self) -> str:
        """What keeps every job out of the group, in short; empty where there is room for a small one."""
        if not any(node.capacity for node in self.nodes):
            return "no instance of it takes jobs"
        if self.max_jobs and self.jobs >= self.max_jobs:
            return f"max_concurrent_jobs: at most {self.max_jobs} at once"
        return ""

    def node_for(self, impact: int) -> Node | None:
        """The instance with the most room, if the job fits there and the group's limits allow it."""
        if self.held or not self.allows(impact):
            return None
        fitting = [node for node in self.nodes if node.takes(impact)]
        return max(fitting, key=lambda node: node.room, default=None)


class Room:
    """All instances and groups at this moment; place() takes room as it is given."""

    def __init__(self) -> None:
        self.nodes = self.load_nodes()
        self.groups = self.load_groups()
        by_name = {group.name: group for group in self.groups.values()}
        self.default = by_name.get(live.get("DEFAULT_EXECUTION_QUEUE_NAME"))
        self.control = by_name.get(live.get("DEFAULT_CONTROL_PLANE_QUEUE_NAME"))

    @staticmethod
    def load_nodes() -> dict[int, Node]:
        """The instances that take jobs."""
        usable = Instance.objects.filter(enabled=True, node_state="ready", node_type__in=("execution", "hybrid"))
        nodes = {pk: Node(name, capacity) for pk, name, capacity in usable.values_list("pk", "hostname", "capacity")}
        by_name = {node.hostname: node for node in nodes.values()}
        busy = UnifiedJob.objects.non_polymorphic().filter(status__in=BUSY, execution_node__in=by_name).order_by()
        for name, used, jobs in busy.values_list("execution_node").annotate(Sum("task_impact"), Count("pk")):
            by_name[name].used, by_name[name].jobs = used, jobs
        return nodes

    def load_groups(self) -> dict[int, Group]:
        """The groups with their instances and what runs on their account."""
        groups = {
            pk: Group(pk, name, max_jobs, max_forks)
            for pk, name, max_jobs, max_forks in InstanceGroup.objects.order_by("pk").values_list(
                "pk", "name", "max_concurrent_jobs", "max_forks"
            )
        }
        for group, instance in InstanceGroup.instances.through.objects.values_list("instancegroup_id", "instance_id"):
            if instance in self.nodes:
                groups[group].nodes.append(self.nodes[instance])
        busy = UnifiedJob.objects.non_polymorphic().filter(status__in=BUSY, instance_group__in=groups).order_by()
        for pk, used, jobs in busy.values_list("instance_group").annotate(Sum("task_impact"), Count("pk")):
            groups[pk].used, groups[pk].jobs = used, jobs
        return groups

    def preferred(self, ids: Sequence[int], *, control: bool) -> list[Group]:
        """The groups of a job in order of preference."""
        chosen = [self.groups[pk] for pk in ids if pk in self.groups]
        fallback = self.control or self.default if control else self.default or self.control
        return chosen or ([fallback] if fallback else [])

    def place(self, ids: Sequence[int], impact: int, *, control: bool) -> tuple[Group, Node] | None:
        """Find room for a job and take it; None where there is none."""
        for group in self.preferred(ids, control=control):
            node = group.node_for(impact)
            if node is not None:
                node.used += impact
                node.jobs += 1
                group.used += impact
                group.jobs += 1
                return group, node
        return None

    def hold(self, ids: Sequence[int], impact: int, *, control: bool) -> None:
        """Keep room for a job that has waited long: smaller ones that come later would take it for ever.

        In the first group that could run it: its forks where its limit is in the way, else its emptiest instance; one
        at a time, so that the others go on.
        """
        for group in self.preferred(ids, control=control):
            usable = [node for node in group.nodes if node.capacity > 0]
            if not usable:
                continue
            if group.held or any(node.held for node in usable):
                return
            if group.allows(impact):
                max(usable, key=lambda node: node.room).held = True
            else:
                group.held = True
            return

    def obstacles(self) -> dict[str, list[Any]]:
        """Why the groups take no further job, as columns for queries.EXPLAIN."""
        groups = list(self.groups.values())
        return {
            "groups": [group.pk for group in groups],
            "names": [group.name for group in groups],
            "words": [group.obstacle() for group in groups],
            "forks": [group.max_forks for group in groups],
            "left": [group.max_forks - group.used for group in groups],
            "fallback": [group.pk for group in self.preferred((), control=False)],
        }

    def full(self) -> bool:
        """Whether nothing can be placed anywhere."""
        return not any(node.takes(1) for node in self.nodes.values())
