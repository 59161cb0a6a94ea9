"""Copies of a graph: from a template to a job, from a job to its relaunch, from a template to another; set-based."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.workflows.models import WorkflowJob, WorkflowJobNode, WorkflowJobTemplate, WorkflowJobTemplateNode

from .graph import KINDS
from .links import edges_of

COLUMNS = (
    "unified_job_template_id",
    "inventory_id",
    "execution_environment_id",
    "char_prompts",
    "extra_data",
    "survey_passwords",
    "all_parents_must_converge",
    "identifier",
)
MANY = ("credentials", "labels", "instance_groups")


def copy_nodes(source: Any, target: Any, *, keep: Callable[[Any], bool] | None = None, **extra: Any) -> dict[int, int]:
    """Copy all nodes, edges and answers of a workflow; {old pk: new pk}. A dozen queries, however many nodes.

    `source` and `target` are a WorkflowJobTemplate or a WorkflowJob each.
    """
    old_model, old_key = node_model(source)
    new_model, new_key = node_model(target)
    old = list(old_model.objects.filter(**{old_key: source}).order_by("pk"))
    columns = (*COLUMNS, "ancestor_artifacts") if old_model is new_model is WorkflowJobNode else COLUMNS
    rows = [new_model(**{name: getattr(node, name) for name in columns}, **{new_key: target}, **extra) for node in old]
    made = new_model.objects.bulk_create(rows)
    mapping = {node.pk: new.pk for node, new in zip(old, made, strict=True)}
    for kind in KINDS:
        copy_edges(old_model, new_model, kind, mapping, {old_key: source.pk})
    for name in MANY:
        copy_answers(old_model, new_model, name, mapping, keep)
    return mapping


def node_model(workflow: Any) -> tuple[Any, str]:
    """The model of a workflow's nodes, and their foreign key to it."""
    if isinstance(workflow, WorkflowJob):
        return WorkflowJobNode, "workflow_job"
    if isinstance(workflow, WorkflowJobTemplate):
        return WorkflowJobTemplateNode, "workflow_job_template"
    raise TypeError(f"{type(workflow).__name__} has no nodes.")


def copy_edges(old_model: Any, new_model: Any, kind: str, mapping: dict[int, int], condition: dict[str, Any]) -> None:
    """The edges of one kind."""
    relation = new_model._meta.get_field(kind)
    parent, child = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
    through = relation.remote_field.through
    pairs = edges_of(old_model, kind, **condition)
    through.objects.bulk_create([through(**{parent: mapping[a], child: mapping[b]}) for a, b in pairs if b in mapping])


def copy_answers(
    old_model: Any, new_model: Any, name: str, mapping: dict[int, int], keep: Callable[[Any], bool] | None
) -> None:
    """One many-to-many of the answers, with its order; `keep` says which of the objects may come along."""
    old, new = old_model._meta.get_field(name), new_model._meta.get_field(name)
    old_node, old_target = f"{old.m2m_field_name()}_id", old.m2m_reverse_field_name()
    links = old.remote_field.through.objects.filter(**{f"{old_node}__in": list(mapping)}).select_related(old_target)
    through, made = new.remote_field.through, []
    for link in links.order_by("pk"):
        found = getattr(link, old_target)
        if keep is None or keep(found):
            columns = {f"{new.m2m_field_name()}_id": mapping[getattr(link, old_node)],
                       f"{new.m2m_reverse_field_name()}_id": found.pk}  # fmt: skip
            made.append(through(**columns, **({"position": link.position} if hasattr(link, "position") else {})))
    through.objects.bulk_create(made)
