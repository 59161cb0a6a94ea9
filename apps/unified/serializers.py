"""What all templates show, and what all jobs show; the kinds add their own fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from rest_framework import serializers

from apps.core import links, registry
from apps.core.resources import Resource
from apps.core.serializers import NAMED, ResourceSerializer, iso

from .models import UnifiedJob, UnifiedJobTemplate
from .prompt_fields import TemplateLink

TEMPLATE = ("last_job_run", "last_job_failed", "next_job_run", "status")
JOB = (
    "unified_job_template",
    "launch_type",
    "status",
    "failed",
    "started",
    "finished",
    "canceled_on",
    "elapsed",
    "job_explanation",
    "launched_by",
    "work_unit_id",
)
JOB_DETAIL = ("job_args", "job_cwd", "job_env", "result_traceback", "event_processing_finished")
RECENT = 10
SHOWN_LABELS = 10
JOB_COLUMNS = ("pk", "name", "description", "finished", "status", "failed", "canceled_on", "polymorphic_ctype_id")


def kind_of(content_type: int) -> Any:
    """The model of a row of the family."""
    return ContentType.objects.get_for_id(content_type).model_class()


def job_rows(ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """The common columns of some jobs, in one query."""
    wanted = set(ids) - {None}
    rows = UnifiedJob.objects.non_polymorphic().filter(pk__in=wanted).order_by() if wanted else None
    return {row["pk"]: row for row in rows.values(*JOB_COLUMNS)} if rows is not None else {}


def recent_jobs(templates: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The last jobs of each template: one index look-up a template, in one query."""
    table = connection.ops.quote_name(UnifiedJob._meta.db_table)
    sql = f"""SELECT t.id, j.id, j.status, j.finished, j.canceled_on, j.polymorphic_ctype_id
        FROM unnest(%s::bigint[]) AS t(id) CROSS JOIN LATERAL (
            SELECT * FROM {table} WHERE unified_job_template_id = t.id ORDER BY id DESC LIMIT {RECENT}
        ) j ORDER BY j.id DESC"""  # noqa: S608  (the table's name is the model's)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(templates)])
        for template, pk, status, finished, canceled_on, kind in cursor.fetchall():
            shown = {"id": pk, "status": status, "finished": iso(finished), "canceled_on": iso(canceled_on)}
            found[template].append(shown | {"type": Resource.type_name(kind_of(kind))})
    return found


def labels_of(objects: list[Any]) -> dict[int, dict[str, Any]]:
    """`summary_fields.labels` of a page of templates or jobs."""
    relation = type(objects[0])._meta.get_field("labels")
    owner = f"{relation.m2m_field_name()}_id"
    rows = relation.remote_field.through._base_manager.filter(**{f"{owner}__in": [obj.pk for obj in objects]})
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pk, label, name in rows.order_by("label__name").values_list(owner, "label_id", "label__name"):
        found[pk].append({"id": label, "name": name})
    return {obj.pk: {"count": len(found[obj.pk]), "results": found[obj.pk][:SHOWN_LABELS]} for obj in objects}


class UnifiedJobTemplateSerializer(ResourceSerializer):
    """What every kind of template shows. `Meta.recent` and `Meta.labelled` add recent_jobs and labels."""

    class Meta:
        model = UnifiedJobTemplate
        fields = (*NAMED, *TEMPLATE)
        read_only_fields = TEMPLATE

    def prepare(self, objects: Any) -> None:
        """Also the last and the current jobs, in one query."""
        objects = list(objects)
        self._jobs = job_rows(pk for obj in objects for pk in (obj.last_job_id, obj.current_job_id))
        super().prepare(objects)

    def links(self, obj: Any) -> dict[str, Any]:
        """The last and the current job under the paths of their kinds, and the next schedule."""
        out = super().links(obj)
        for name in ("last_job", "current_job"):
            job = self._jobs.get(getattr(obj, f"{name}_id"))
            if job:
                out[name] = links.model_url(kind_of(job["polymorphic_ctype_id"]), job["pk"])
        if obj.next_schedule_id:
            out["next_schedule"] = f"{links.list_url('schedules')}{obj.next_schedule_id}/"
        return out

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """last_job, current_job and the same as updates; recent jobs and labels where the kind shows them."""
        out: dict[Any, dict[str, Any]] = {obj.pk: self.job_summaries(obj) for obj in objects}
        if getattr(self.Meta, "recent", False):
            found = recent_jobs(obj.pk for obj in objects)
            for pk, shown in out.items():
                shown["recent_jobs"] = found.get(pk, [])
        if getattr(self.Meta, "labelled", False):
            for pk, labels in labels_of(objects).items():
                out[pk]["labels"] = labels
        return out

    def job_summaries(self, obj: Any) -> dict[str, Any]:
        """The jobs in short."""
        out = {}
        for name in ("last", "current"):
            job = self._jobs.get(getattr(obj, f"{name}_job_id"))
            if job is None:
                continue
            shown = {"id": job["pk"], **{k: job[k] for k in ("name", "description", "status", "failed")}}
            out[f"{name}_update"] = shown
            out[f"{name}_job"] = shown | ({"finished": iso(job["finished"])} if name == "last" else {})
        return out


class UnifiedJobSerializer(TemplateLink):
    """What every kind of job shows. `Meta.labelled` adds labels."""

    elapsed = serializers.FloatField(read_only=True, help_text="How long it took, in seconds.")
    launched_by = serializers.SerializerMethodField()

    class Meta:
        model = UnifiedJob
        fields = (*NAMED, *JOB)
        capabilities = {"delete": "delete", "start": "start"}

    def prepare(self, objects: Any) -> None:
        """Also the workflows that started them, in one query."""
        objects = list(objects)
        self._workflows = workflows_of([obj.pk for obj in objects if obj.launch_type == "workflow"])
        self._schedules = schedules_of({obj.schedule_id for obj in objects} - {None})
        super().prepare(objects)

    def links(self, obj: Any) -> dict[str, Any]:
        """The workflow and the schedule that started it."""
        out = super().links(obj)
        workflow = self._workflows.get(obj.pk)
        if workflow:
            out["source_workflow_job"] = f"{links.list_url('workflow_jobs')}{workflow['id']}/"
        if obj.schedule_id:
            out["schedule"] = f"{links.list_url('schedules')}{obj.schedule_id}/"
        return out

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The workflow, the schedule, the labels."""
        out: dict[Any, dict[str, Any]] = {obj.pk: {} for obj in objects}
        for obj in objects:
            workflow, schedule = self._workflows.get(obj.pk), self._schedules.get(obj.schedule_id)
            if workflow:
                out[obj.pk]["source_workflow_job"] = workflow
            if workflow and self.context.get("detail"):
                out[obj.pk]["ancestor_job"] = ancestor(workflow)
            if schedule:
                out[obj.pk]["schedule"] = schedule
        if objects and getattr(self.Meta, "labelled", False):
            for pk, labels in labels_of(objects).items():
                out[pk]["labels"] = labels
        return out

    def get_launched_by(self, obj: Any) -> dict[str, Any]:
        """Who or what started it: {id, name, type, url}, or nothing."""
        workflow, schedule = self._workflows.get(obj.pk), self._schedules.get(obj.schedule_id)
        person = (self._prepared or {}).get(obj.pk, {}).get("created_by")
        if schedule:
            return launcher("schedule", "schedules", schedule["id"], schedule["name"])
        if workflow:
            return launcher("workflow_job", "workflow_jobs", workflow["id"], workflow["name"])
        return launcher("user", "users", person["id"], person["username"]) if person else {}


def launcher(kind: str, slug: str, pk: int, name: str) -> dict[str, Any]:
    """What `launched_by` says."""
    return {"id": pk, "name": name, "type": kind, "url": f"{links.list_url(slug)}{pk}/"}


def workflows_of(jobs: list[int]) -> dict[int, dict[str, Any]]:
    """{job: the workflow job that started it}, in one query."""
    if not jobs:
        return {}
    nodes = registry.by_slug("workflow_job_nodes").model.objects.filter(job__in=jobs).order_by()
    names = ("id", "name", "description", "status", "failed", "elapsed")
    rows = nodes.exclude(workflow_job=None).values_list("job_id", *(f"workflow_job__{name}" for name in names))
    found = {job: dict(zip(names, values, strict=True)) for job, *values in rows}
    for shown in found.values():
        shown["elapsed"] = float(shown["elapsed"])
    return found


def schedules_of(ids: set[int]) -> dict[int, dict[str, Any]]:
    """{schedule: summary}, in one query."""
    rows = registry.by_slug("schedules").model.objects.filter(pk__in=ids).order_by() if ids else None
    if rows is None:
        return {}
    found = {row["id"]: row for row in rows.values("id", "name", "description", "next_run")}
    for shown in found.values():
        shown["next_run"] = iso(shown["next_run"])
    return found


def ancestor(workflow: dict[str, Any]) -> dict[str, Any]:
    """The outermost workflow that a job belongs to: {id, name, type, url}."""
    nodes = registry.by_slug("workflow_job_nodes").model.objects
    pk, name, seen = workflow["id"], workflow["name"], set()
    while pk not in seen:
        seen.add(pk)
        above = nodes.filter(job=pk, workflow_job__isnull=False).values_list("workflow_job_id", "workflow_job__name")
        pk, name = above.first() or (pk, name)
    return launcher("workflow_job", "workflow_jobs", pk, name)
