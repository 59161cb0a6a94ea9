"""A sliced job template: one workflow job with a node a slice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.core import context
from apps.core.fields import parse_variables
from apps.jobs import surveys
from apps.unified.prompts import ENCRYPTED, SHORT
from apps.workflows.models import WorkflowJob, WorkflowJobNode

from .launching import launch_bulk
from .spawning import SLICE


def slice_template(
    template: Any, answers: Mapping[str, Any], count: int, *, launch_type: str, variables: Any = None, **columns: Any
) -> WorkflowJob:
    """The workflow job that runs `count` jobs of the template, each with a part of the hosts; submitted."""
    given = dict(answers.get("extra_vars", {}))
    merged = (
        parse_variables(template.extra_vars) | surveys.defaults(surveys.active(template)) | given | (variables or {})
    )
    secret = surveys.secret_variables(template.survey_spec) & merged.keys()
    job = WorkflowJob(
        name=template.name, description=template.description, unified_job_template_id=template.pk,
        job_template=template, organization_id=template.organization_id, is_sliced_job=True,
        allow_simultaneous=template.allow_simultaneous, inventory=answers.get("inventory") or template.inventory,
        extra_vars=json.dumps({k: ENCRYPTED if k in secret else v for k, v in merged.items()}),
        survey_passwords=json.dumps({k: merged[k] for k in secret}) if secret else "",
        launch_type=launch_type, created_by=context.actor(), **columns,
    )  # fmt: skip
    many = {name: list(answers.get(name, ())) for name in ("credentials", "labels", "instance_groups")}
    nodes = []
    for number in range(1, count + 1):
        node = WorkflowJobNode(
            unified_job_template_id=template.pk, inventory=answers.get("inventory"),
            execution_environment=answers.get("execution_environment"), ancestor_artifacts={SLICE: number},
        )  # fmt: skip
        node.char_prompts = {k: answers[k] for k in SHORT if k in answers and k != "job_slice_count"}
        nodes.append((node, many))
    return launch_bulk(job, nodes)
