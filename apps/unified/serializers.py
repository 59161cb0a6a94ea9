"""Templates and jobs as JSON: what every kind shows, and pages in which each row is shown by its own kind."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from apps.core import links, registry
from apps.core.serializers import NAMED, PageSerializer, ResourceSerializer

from .job_links import JobLinks, url_of
from .models import UnifiedJob, UnifiedJobTemplate
from .recent import job_summaries, recent_jobs

TEMPLATE_FIELDS = (*NAMED, "last_job_run", "last_job_failed", "next_job_run", "status")
JOB_LIST_FIELDS = (
    *NAMED, "unified_job_template", "launch_type", "status", "execution_environment", "failed", "started", "finished",
    "canceled_on", "elapsed", "job_explanation", "execution_node", "controller_node", "launched_by", "work_unit_id",
)  # fmt: skip
JOB_FIELDS = (
    *JOB_LIST_FIELDS, "job_args", "job_cwd", "job_env", "result_traceback", "event_processing_finished",
)  # fmt: skip
JOB_SUMMARIES = {
    "execution_environment": ("id", "name", "description", "image"),
    "instance_group": ("id", "name", "is_container_group"),
    "schedule": ("id", "name", "description", "next_run"),
    "unified_job_template": None,  # JobLinks has it
}
TEMPLATE_SUMMARIES = {"execution_environment": ("id", "name", "description", "image")}


class KindsPage(PageSerializer):
    """A page of a polymorphic list: the rows of each kind are prepared together and shown by the kind's serializer."""

    def to_representation(self, data: Any) -> list[Any]:
        """Prepare kind by kind, write in the order of the page."""
        objects = list(data.all() if hasattr(data, "all") else data)
        groups: dict[type, list[Any]] = defaultdict(list)
        for obj in objects:
            groups[type(obj)].append(obj)
        children = {}
        for kind, rows in groups.items():
            children[kind] = self.child_of(kind)
            children[kind].prepare(rows)
        return [children[type(obj)].to_representation(obj) for obj in objects]

    def child_of(self, kind: type) -> Any:
        """The serializer that the kind's own list uses."""
        resource = registry.find_model(kind)
        if resource is None:
            return self.child
        return (resource.list_serializer_class or resource.serializer_class)(context=self.context)


class UnifiedJobTemplateSerializer(ResourceSerializer):
    """A template of some kind."""

    shows_recent = False  # whether `recent_jobs` is shown

    class Meta:
        model = UnifiedJobTemplate
        list_serializer_class = KindsPage
        fields = (*TEMPLATE_FIELDS, "execution_environment")
        summaries = TEMPLATE_SUMMARIES
        read_only_fields = ("last_job_run", "last_job_failed", "next_job_run", "status")

    def links(self, obj: Any) -> dict[str, str]:
        """The last and the current job where they are served, and the schedule that is due next."""
        kind, out = type(obj), {}
        if kind is not UnifiedJobTemplate:
            job = kind.job_class()
            for name, pk in (("last_job", obj.last_job_id), ("current_job", obj.current_job_id)):
                if pk and (url := url_of(job, pk)):
                    out[name] = url
        if obj.next_schedule_id:
            out["next_schedule"] = f"{links.list_url('schedules')}{obj.next_schedule_id}/"
        return out

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """The last and the current job, and where the kind shows them, the ten latest."""
        out = job_summaries(objects)
        if self.shows_recent:
            for pk, jobs in recent_jobs(objects).items():
                out[pk]["recent_jobs"] = jobs
        return out


class UnifiedJobSerializer(ResourceSerializer):
    """A job of some kind; everything in it is read-only."""

    launched_by = serializers.SerializerMethodField()
    elapsed = serializers.DecimalField(max_digits=12, decimal_places=3, read_only=True, coerce_to_string=False)
    _linked: JobLinks | None = None

    class Meta:
        model = UnifiedJob
        list_serializer_class = KindsPage
        fields = JOB_LIST_FIELDS
        summaries = JOB_SUMMARIES
        capabilities = {"delete": "delete", "start": "start"}

    def prepare(self, objects: Any) -> None:
        """Fetch the templates and workflows of the page, then the rest."""
        objects = list(objects)
        self._linked = JobLinks.of(objects)
        super().prepare(objects)

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """Template and workflow."""
        return {obj.pk: dict(self._linked.summaries[obj.pk]) for obj in objects}

    def links(self, obj: Any) -> dict[str, str]:
        """Template, workflow and schedule."""
        out = dict(self._linked.related.get(obj.pk, {})) if self._linked else {}
        if obj.schedule_id:
            out["schedule"] = f"{links.list_url('schedules')}{obj.schedule_id}/"
        return out

    def get_launched_by(self, obj: Any) -> dict[str, Any]:
        """Who or what started the job: a user, a schedule or a workflow."""
        summary = (self._prepared or {}).get(obj.pk, {})
        if "created_by" in summary and obj.launch_type not in {"scheduled", "workflow"}:
            user = summary["created_by"]
            return named(user["id"], user["username"], "user", "users")
        if obj.launch_type == "scheduled" and "schedule" in summary:
            return named(obj.schedule_id, summary["schedule"]["name"], "schedule", "schedules")
        if "source_workflow_job" in summary:
            workflow = summary["source_workflow_job"]
            return named(workflow["id"], workflow["name"], "workflow_job", "workflow_jobs")
        user = summary.get("created_by")
        return named(user["id"], user["username"], "user", "users") if user else {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """A running job's `elapsed` goes on."""
        out = super().to_representation(instance)
        if "elapsed" in out:
            elapsed = instance.elapsed
            if instance.started and not instance.finished:
                elapsed = (timezone.now() - instance.started).total_seconds()
            out["elapsed"] = round(float(elapsed), 3)
        return out


def named(pk: int, name: str, kind: str, slug: str) -> dict[str, Any]:
    """One who starts jobs."""
    return {"id": pk, "name": name, "type": kind, "url": f"{links.list_url(slug)}{pk}/"}


class CancelSerializer(serializers.Serializer):
    """What a GET of cancel/ answers."""

    can_cancel = serializers.BooleanField(read_only=True)
