"""Nodes as JSON: those of templates and those of jobs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType
from rest_framework import serializers

from apps.core import links
from apps.core.errors import BadRequest
from apps.core.resources import Resource
from apps.core.serializers import COMMON
from apps.unified.models import UnifiedJob
from apps.unified.prompt_fields import PROMPTS, PromptsSerializer

from .models import WorkflowJobNode, WorkflowJobTemplateNode
from .services.graph import KINDS


class EdgesSerializer(PromptsSerializer):
    """Edges are shown as lists of ids; three queries for a whole page."""

    needs_answers = False
    success_nodes = serializers.SerializerMethodField()
    failure_nodes = serializers.SerializerMethodField()
    always_nodes = serializers.SerializerMethodField()

    class Meta:
        abstract = True

    def prepare(self, objects: Any) -> None:
        """Also the edges."""
        objects = list(objects)
        self._edges = {kind: self.edges(kind, [obj.pk for obj in objects]) for kind in KINDS}
        super().prepare(objects)

    def edges(self, kind: str, ids: list[int]) -> dict[int, list[int]]:
        """{node: [children]} of one kind."""
        relation = self.Meta.model._meta.get_field(kind)
        parent, child = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
        found: dict[int, list[int]] = defaultdict(list)
        rows = relation.remote_field.through.objects.filter(**{f"{parent}__in": ids}).order_by(child)
        for node, following in rows.values_list(parent, child):
            found[node].append(following)
        return found

    def get_success_nodes(self, obj: Any) -> list[int]:
        """What follows success."""
        return self._edges["success_nodes"].get(obj.pk, [])

    def get_failure_nodes(self, obj: Any) -> list[int]:
        """What follows failure."""
        return self._edges["failure_nodes"].get(obj.pk, [])

    def get_always_nodes(self, obj: Any) -> list[int]:
        """What follows in any case."""
        return self._edges["always_nodes"].get(obj.pk, [])


WITHOUT_TEMPLATE = {"workflow_job_template", "unified_job_template", "identifier", "all_parents_must_converge"}
NODE = ("unified_job_template", *KINDS, "all_parents_must_converge", "identifier")


class NodeSerializer(EdgesSerializer):
    """A step of a template."""

    class Meta:
        model = WorkflowJobTemplateNode
        fields = (*COMMON, *PROMPTS, "workflow_job_template", *NODE)
        summaries = {"workflow_job_template": ("id", "name", "description"), "inventory": None}
        extra_kwargs = {"identifier": {"allow_blank": False, "allow_null": False}}

    def get_fields(self) -> dict[str, Any]:
        """The workflow is chosen once."""
        fields = super().get_fields()
        if isinstance(self.instance, WorkflowJobTemplateNode):
            fields["workflow_job_template"].read_only = True
            fields["workflow_job_template"].required = False
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A renamed node that takes another's identifier is told so in one sentence, as AWX does."""
        name = attrs.get("identifier")
        if self.instance is not None and name and name != self.instance.identifier:
            same = WorkflowJobTemplateNode.objects.filter(workflow_job_template=self.instance.workflow_job_template_id)
            if same.filter(identifier=name).exists():
                raise BadRequest({"detail": f"Another node of the workflow has the identifier {name!r}."})
        if attrs.get("unified_job_template", getattr(self.instance, "unified_job_template", None)) is None:
            attrs = {k: v for k, v in attrs.items() if k in WITHOUT_TEMPLATE}  # there is nothing to answer to
        return super().validate(attrs)


class JobNodeSerializer(EdgesSerializer):
    """A step of a run."""

    class Meta:
        model = WorkflowJobNode
        fields = (*COMMON, *PROMPTS, "job", "workflow_job", *NODE, "do_not_run")
        summaries = {"workflow_job": ("id", "name", "description"), "job": None, "inventory": None}

    def prepare(self, objects: Any) -> None:
        """Also the jobs, in one query."""
        objects = list(objects)
        columns = ("pk", "name", "description", "status", "failed", "elapsed", "polymorphic_ctype_id")
        jobs = (
            UnifiedJob.objects.non_polymorphic()
            .filter(pk__in={obj.shown_job_id for obj in objects} - {None})
            .order_by()
        )
        self._jobs = {row["pk"]: row for row in jobs.values(*columns)}
        super().prepare(objects)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """A node that was kept from an earlier run shows the job of then."""
        return super().to_representation(instance) | {"job": instance.shown_job_id}

    def links(self, obj: Any) -> dict[str, Any]:
        """The job under the path of its kind."""
        job = self._jobs.get(obj.shown_job_id)
        return super().links(obj) | ({"job": links.model_url(kind_of(job), job["pk"])} if job else {})

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The job in short."""
        out = {}
        for obj in objects:
            job = self._jobs.get(obj.shown_job_id)
            if job:
                shown = {name: job[name] for name in ("name", "description", "status", "failed")}
                kind = Resource.type_name(kind_of(job))
                out[obj.pk] = {"job": {"id": job["pk"], **shown, "elapsed": float(job["elapsed"]), "type": kind}}
        return out


def kind_of(row: dict[str, Any]) -> Any:
    """The model of a job of any kind."""
    return ContentType.objects.get_for_id(row["polymorphic_ctype_id"]).model_class()
