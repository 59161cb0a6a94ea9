"""The graph of a workflow job as it stands in the database."""

from __future__ import annotations

from apps.workflows.models import WorkflowJobNode

from .graph import KINDS, Graph, Node
from .links import edges_of


def read(workflow: int) -> Graph:
    """The graph as it stands: four queries."""
    columns = ("pk", "job__status", "kept", "do_not_run", "unified_job_template_id", "all_parents_must_converge")
    nodes = []
    for pk, status, kept, skipped, template, converge in WorkflowJobNode.objects.filter(
        workflow_job=workflow
    ).values_list(*columns):
        counts = "successful" if kept else status or ""
        nodes.append(Node(pk, counts, skipped=skipped, empty=template is None and not counts, converge=converge))
    return Graph.of(nodes, {kind: edges_of(WorkflowJobNode, kind, workflow_job=workflow) for kind in KINDS})
