"""Edges between the nodes of a template: what may be linked, and how."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from apps.core.errors import BadRequest
from apps.workflows.models import WorkflowJobTemplate, WorkflowJobTemplateNode

from .graph import KINDS, Graph, Node


def template_edges(workflow: int) -> dict[str, list[tuple[int, int]]]:
    """{kind: [(parent, child)]} of a template; one query a kind."""
    return {kind: edges_of(WorkflowJobTemplateNode, kind, workflow_job_template=workflow) for kind in KINDS}


def edges_of(model: Any, kind: str, **condition: Any) -> list[tuple[int, int]]:
    """[(parent, child)] of one kind of edge."""
    relation = model._meta.get_field(kind)
    parent, child = relation.m2m_field_name(), relation.m2m_reverse_field_name()
    rows = relation.remote_field.through.objects.filter(**{f"{parent}__{k}": v for k, v in condition.items()})
    return list(rows.order_by("pk").values_list(f"{parent}_id", f"{child}_id"))


def check_link(parent: WorkflowJobTemplateNode, child: WorkflowJobTemplateNode, kind: str) -> None:
    """Raise where an edge of this kind is not possible: 403 into another workflow, 400 for a loop or a second edge."""
    if parent.workflow_job_template_id != child.workflow_job_template_id:
        raise PermissionDenied
    if parent.pk == child.pk:
        raise BadRequest({"Error": "A node cannot follow itself."})
    workflow = parent.workflow_job_template_id
    # two edges at once could close a circle that neither closes alone
    WorkflowJobTemplate.objects.select_for_update(of=("self",)).get(pk=workflow)
    edges = template_edges(workflow)
    if any((parent.pk, child.pk) in edges[other] for other in KINDS if other != kind):
        raise BadRequest({"Error": "These two nodes are linked in another way already."})
    edges[kind].append((parent.pk, child.pk))
    ids = WorkflowJobTemplateNode.objects.filter(workflow_job_template=workflow).values_list("pk", flat=True)
    if Graph.of([Node(pk) for pk in ids], edges).has_cycle():
        raise BadRequest({"Error": "This link would close a circle."})
