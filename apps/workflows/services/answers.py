"""What a launch of a workflow template may say: accepted, ignored, and why it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.core.fields import parse_variables
from apps.jobs import surveys
from apps.unified.prompts import ASKS, ENCRYPTED, refusals
from apps.workflows.models import WorkflowJobTemplate

NOT_ASKED = "The template does not ask for this at launch."
PROMPTS = ("inventory", "limit", "scm_branch", "job_tags", "skip_tags", "labels")


def check(template: WorkflowJobTemplate, given: Mapping[str, Any], *, needed: bool = True) -> dict[str, list[str]]:
    """Sentences by field; empty where the template takes all that is given.

    `needed`: whether required survey answers must be there (a saved launch may leave them open).
    """
    out = {}
    for name in PROMPTS:
        value = given.get(name)
        if value in (None, "", []) or getattr(template, ASKS[name]) or value == getattr(template, name, None):
            continue
        out[name] = [NOT_ASKED]
    missing, problems = check_variables(template, given.get("extra_vars") or {}, needed=needed)
    if problems:
        out["extra_vars"] = problems
    if missing:
        out["variables_needed_to_start"] = missing
    return out


def check_variables(template: Any, variables: Mapping[str, Any], *, needed: bool) -> tuple[list[str], list[str]]:
    """(what the survey says of the answers, which variables are not asked for)."""
    questions = surveys.active(template)
    problems = [text for question in questions for text in surveys.check_answer(question, variables, needed=needed)]
    known, asked = parse_variables(template.extra_vars), {question["variable"] for question in questions}
    new = {name for name, value in variables.items() if name not in known or known[name] != value}
    strange = sorted(new - asked)
    if not strange or template.ask_variables_on_launch:
        return problems, []
    return problems, [f"The template does not ask for these variables at launch: {', '.join(strange)}."]


def required(template: WorkflowJobTemplate) -> list[str]:
    """The variables that a launch must give."""
    return surveys.required(surveys.active(template))


def variables(template: WorkflowJobTemplate, given: Mapping[str, Any]) -> tuple[str, str]:
    """(extra_vars, survey_passwords) of a new job: the template's, the survey's defaults, the given ones in this order.

    Secret answers read `$encrypted$` in the first and are in the second, which is encrypted at rest.
    """
    questions = surveys.active(template)
    secret = {question["variable"] for question in questions if question["type"] == "password"}
    known = surveys.defaults(questions)
    answers = {k: v for k, v in given.items() if not (k in secret and v == ENCRYPTED)}
    merged = parse_variables(template.extra_vars) | known | answers
    secrets = {name: merged[name] for name in secret & merged.keys()}
    shown = {name: ENCRYPTED if name in secrets else value for name, value in merged.items()}
    return json.dumps(shown), json.dumps(secrets) if secrets else ""


def rejected_nodes(template: WorkflowJobTemplate) -> tuple[list[int], list[int]]:
    """(nodes without a template, nodes whose answers their template does not take)."""
    missing, rejected = [], []
    nodes = template.workflow_job_template_nodes.select_related("inventory").order_by("pk")
    for node in nodes.prefetch_related("unified_job_template"):
        if node.unified_job_template_id is None:
            missing.append(node.pk)
        elif refusals(
            node.unified_job_template,
            {**node.char_prompts, "extra_data": node.variables(), "inventory": node.inventory},
            needed=True,
        ):
            rejected.append(node.pk)
    return missing, rejected


def secret_names(job: Any) -> set[str]:
    """The variables of a job whose values are secret."""
    return set(job.secret_answers())


def survey_problems(template: Any, given: Mapping[str, Any], *, needed: bool) -> list[str]:
    """What a template's survey says of saved answers; one that is missing may still come unless it is `needed`."""
    questions = surveys.active(template) if hasattr(template, "survey_spec") else []
    return [text for question in questions for text in surveys.check_answer(question, given, needed=needed)]
