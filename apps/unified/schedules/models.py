"""Schedules: the rule, the answers to the template's prompts, and when the next run is due."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from apps.core.models import Named
from apps.unified.prompts import InstanceGroupLink, LaunchPrompts


class ScheduleQuerySet(models.QuerySet):
    """Rows by who may see them."""

    def visible_to(self, user: Any) -> Any:
        """Schedules of templates that the user may read."""
        from apps.unified.models import UnifiedJobTemplate

        templates = UnifiedJobTemplate.objects.non_polymorphic().visible_to(user).order_by()
        return self.filter(unified_job_template__in=templates.values("pk"))


class Schedule(Named, LaunchPrompts):
    """A rule after which a template is launched with given answers."""

    rrule = models.TextField()
    enabled = models.BooleanField(default=True)
    dtstart = models.DateTimeField(null=True, default=None, editable=False)
    dtend = models.DateTimeField(null=True, default=None, editable=False)
    next_run = models.DateTimeField(null=True, default=None, editable=False)
    unified_job_template = models.ForeignKey("unified.UnifiedJobTemplate", models.CASCADE, related_name="schedules")
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup", through="ScheduleInstanceGroup", related_name="schedule_instance_groups"
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("-next_run",)
        unique_together = (("unified_job_template", "name"),)
        indexes = (models.Index(fields=("next_run",), condition=models.Q(enabled=True), name="schedule_due"),)

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """What the template allows: whoever may start it reads and changes its schedules (see access for the rest)."""
        from apps.unified.models import UnifiedJobTemplate

        objects = list(objects)
        ids = {obj.unified_job_template_id for obj in objects}
        above = UnifiedJobTemplate.held(user, UnifiedJobTemplate.objects.non_polymorphic().filter(pk__in=ids))
        out = {}
        for obj in objects:
            actions = set(above.get(obj.unified_job_template_id, ()))
            mine = obj.created_by_id == user.pk and actions & {"execute", "update"}
            out[obj.pk] = ({"view"} if actions else set()) | (
                {"change", "delete"} if "change" in actions or mine else set()
            )
        return out


class ScheduleInstanceGroup(InstanceGroupLink):
    """An instance group that the scheduled job prefers."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="+")
