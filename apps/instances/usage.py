"""How much of instances and groups is used: one statement for a page, on the tables of jobs above."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, Sum

from .models import Instance, InstanceGroup

BUSY = ("running", "waiting")


@dataclass
class Usage:
    """Numbers by the primary key of an instance or a group."""

    consumed: dict[int, int] = field(default_factory=dict)
    running: dict[int, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
    capacity: dict[int, int] = field(default_factory=dict)
    members: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, model: type[Any], ids: list[int]) -> Usage:
        """The usage of a page of instances or of groups."""
        return cls.of_instances(ids) if model is Instance else cls.of_groups(ids)

    @classmethod
    def of_instances(cls, ids: list[int]) -> Usage:
        """By the node that runs the job."""
        names = dict(Instance.objects.filter(pk__in=ids).values_list("hostname", "pk"))
        usage = cls()
        for name, busy, total, impact in jobs_by("execution_node", list(names)):
            pk = names[name]
            usage.running[pk], usage.total[pk], usage.consumed[pk] = busy, total, impact
        return usage

    @classmethod
    def of_groups(cls, ids: list[int]) -> Usage:
        """By the group on whose account the job runs."""
        usage = cls()
        for pk, busy, total, impact in jobs_by("instance_group", ids):
            usage.running[pk], usage.total[pk], usage.consumed[pk] = busy, total, impact
        members = InstanceGroup.objects.filter(pk__in=ids).order_by().values_list("pk")
        enabled = Q(instances__enabled=True)
        for pk, number, capacity in members.annotate(
            n=Count("instances"), c=Sum("instances__capacity", filter=enabled)
        ):
            usage.members[pk], usage.capacity[pk] = number, capacity or 0
        return usage


def jobs_by(column: str, keys: list[Any]) -> Any:
    """(key, running, ever, forks of the running ones) of the jobs with these keys."""
    jobs = apps.get_model("unified", "UnifiedJob").objects.non_polymorphic().order_by()
    busy = Q(status__in=BUSY)
    rows = jobs.filter(**{f"{column}__in": keys}).values_list(column)
    found = rows.annotate(r=Count("pk", filter=busy), t=Count("pk"), f=Sum("task_impact", filter=busy))
    return [(key, running, total, used or 0) for key, running, total, used in found]
