"""What a page of jobs points to beyond its own columns, fetched for the whole page at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.core import links, registry
from apps.core.prepared import Given, Prepared, among
from apps.core.resources import Resource

from .models import UnifiedJob, UnifiedJobTemplate


def kind_of(content_type: int) -> Any:
    """The model behind a content type; Django keeps these in memory."""
    return ContentType.objects.get_for_id(content_type).model_class()


def url_of(model: Any, pk: int) -> str | None:
    """Where a template or job of a kind is served."""
    resource = registry.find_model(model)
    return f"{links.list_url(resource.slug)}{pk}/" if resource else None


TEMPLATES = Prepared(
    lambda: (
        UnifiedJobTemplate.objects.non_polymorphic()
        .filter(among("pk", Given(0)))
        .order_by()
        .values_list("pk", "name", "description", "polymorphic_ctype_id")
    )
)


@dataclass
class JobLinks:
    """Templates and workflows of a page of jobs: two or three queries, however many jobs there are."""

    related: dict[int, dict[str, str]] = field(default_factory=dict)
    summaries: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, jobs: Iterable[Any]) -> JobLinks:
        """Fetch them."""
        found, jobs = cls(), list(jobs)
        for job in jobs:
            found.related[job.pk], found.summaries[job.pk] = {}, {}
        found.add_templates(jobs)
        found.add_workflows([job.pk for job in jobs if job.launch_type == "workflow"])
        return found

    def add_templates(self, jobs: list[Any]) -> None:
        """`unified_job_template`: its own URL, and its summary with the type of its jobs."""
        ids = {job.unified_job_template_id for job in jobs} - {None}
        if not ids:
            return
        templates = {pk: (name, text, kind_of(kind)) for pk, name, text, kind in TEMPLATES(list(ids))}
        for job in jobs:
            if job.unified_job_template_id in templates:
                name, text, kind = templates[job.unified_job_template_id]
                self.link(job.pk, "unified_job_template", kind, job.unified_job_template_id)
                self.summaries[job.pk]["unified_job_template"] = {
                    "id": job.unified_job_template_id,
                    "name": name,
                    "description": text,
                    "unified_job_type": Resource.type_name(kind.job_class()),
                }

    def add_workflows(self, ids: list[int]) -> None:
        """`source_workflow_job`, and `ancestor_job`: the outermost workflow that it belongs to."""
        if not ids:
            return
        node = UnifiedJob._meta.get_field("unified_job_node").related_model
        workflow = node._meta.get_field("workflow_job").related_model
        above = dict(node.objects.filter(job__in=ids).values_list("job_id", "workflow_job_id"))
        level = {pk for pk in above.values() if pk}
        while level:  # a query a level of nesting
            higher = dict(node.objects.filter(job__in=level).values_list("job_id", "workflow_job_id"))
            level = {pk for pk in higher.values() if pk} - above.keys()
            above |= {job: parent for job, parent in higher.items() if job not in above}
        parents = {pk for pk in above.values() if pk}
        shown = ("id", "name", "description", "status", "failed", "elapsed")
        rows = {row["id"]: row for row in workflow.objects.filter(pk__in=parents).order_by().values(*shown)}
        for job_id in ids:
            source, top = above.get(job_id), job_id
            while above.get(top):
                top = above[top]
            if source in rows:
                self.link(job_id, "source_workflow_job", workflow, source)
                row = rows[source]
                self.summaries[job_id]["source_workflow_job"] = {**row, "elapsed": float(row["elapsed"])}
                self.summaries[job_id]["ancestor_job"] = {
                    "id": top,
                    "name": rows[top]["name"],
                    "type": Resource.type_name(workflow),
                    "url": url_of(workflow, top),
                }

    def link(self, job_id: int, name: str, kind: Any, pk: int) -> None:
        """An entry of `related`, where the kind is served."""
        url = url_of(kind, pk)
        if url:
            self.related[job_id][name] = url
