"""From a template and answers to a job that waits for the dispatcher."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from apps.core import context
from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.jobs import surveys
from apps.jobs.credentials import merged
from apps.jobs.models import AdHocCommand, Job, JobTemplate
from apps.jobs.models.options import OPTION_FIELDS
from apps.unified import services as unified
from apps.unified.models import JobLaunchConfig
from apps.unified.prompts import ENCRYPTED, SHORT

from .prompts import Reading, read_prompts

# what a job does not take from its template: webhooks are of the delivery, slices of the workflow
NOT_COPIED = {"webhook_service", "webhook_credential", "job_slice_count"}
# (template, answers, count, columns) -> the workflow job that runs one job a slice; set by the app of workflows
slicer: list[Callable[..., Any]] = []


class LaunchRefused(BadRequest):
    """400 by field: the template cannot be launched with these answers."""


def launch(  # noqa: PLR0913  (keyword-only: each is a choice of its own)
    template: JobTemplate,
    *,
    actor: Any,
    prompts: Mapping[str, Any] | None = None,
    passwords: Mapping[str, str] | None = None,
    launch_type: str = "manual",
    variables: Mapping[str, Any] | None = None,
    reading: Reading | None = None,
    sliced: bool = True,
    submit: bool = True,
    **columns: Any,
) -> Any:
    """A new job of `template`, submitted on commit (a WorkflowJob where it is sliced).

    `prompts` are answers by the names of launch/ (objects for relations); what the template does not ask for is
    ignored, what is wrong raises LaunchRefused. `variables` are the server's own, set whatever the template asks.
    `reading` is what read_prompts() made of the same answers, where the caller has asked already.
    `columns` are further columns of the job (`webhook_guid`, `limit` of a callback, `job_slice_number`, `schedule`).
    `submit=False` leaves submitting the job (unified.services.submit) to the caller, in the same transaction.
    """
    reading = reading or read_prompts(template, prompts or {}, passwords=passwords)
    if reading.errors:
        raise LaunchRefused(reading.errors)
    answers = reading.accepted
    given_passwords = answers.pop("credential_passwords", {})
    count = slice_count(template, answers) if sliced else 1
    with transaction.atomic(), context.acting_as(actor):
        if count > 1 and slicer:
            return slicer[0](template, answers, count, launch_type=launch_type, variables=variables, **columns)
        job = make_job(template, answers, variables or {}, {**columns, "launch_type": launch_type})
        link(job.credentials, merged(reading.kept, answers.get("credentials", ())))
        if given_passwords:
            job.start_args = json.dumps(given_passwords)
            job.save(update_fields=["start_args"])
        if submit:
            unified.submit(job)
    return job


def slice_count(template: JobTemplate, answers: Mapping[str, Any]) -> int:
    """Into how many jobs the launch is divided: never more than there are hosts."""
    wanted = answers.get("job_slice_count", template.job_slice_count)
    inventory = answers.get("inventory") or template.inventory
    return min(wanted, max(1, inventory.total_hosts)) if wanted > 1 and inventory else 1


def make_job(
    template: JobTemplate, answers: Mapping[str, Any], variables: Mapping[str, Any], columns: Mapping[str, Any]
) -> Job:
    """The row of a job with its labels, and what it was launched with."""
    job = Job(name=template.name, description=template.description, job_template=template)
    job.unified_job_template, job.organization_id = template, template.organization_id
    job.execution_environment_id = template.execution_environment_id
    for field in PlaybookFields.copied():
        setattr(job, field, getattr(template, field))
    for name in ("inventory", "project"):
        if JobTemplate._meta.get_field(name).is_cached(template):  # it need not be fetched again
            setattr(job, name, getattr(template, name))
    for name in (*SHORT, "inventory", "execution_environment"):
        if name in answers and name != "job_slice_count":
            setattr(job, name, answers[name])
    fill_variables(job, template, answers.get("extra_vars", {}), variables)
    for name, value in columns.items():
        setattr(job, name, value)
    job.save()
    link(job.labels, answers.get("labels", template.labels.all()))
    remember(job, template, answers)
    return job


class PlaybookFields:
    """The columns that a job takes from its template."""

    @staticmethod
    def copied() -> list[str]:
        """Their attribute names."""
        return [Job._meta.get_field(name).attname for name in OPTION_FIELDS if name not in NOT_COPIED]


def link(manager: Any, rows: Any) -> None:
    """Add rows to a many-to-many, if there are any."""
    rows = list(rows)
    if rows:
        manager.add(*rows)


def fill_variables(job: Job, template: JobTemplate, given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """extra_vars: the template's, then the survey's defaults, then the answers, then the server's own."""
    asked = surveys.active(template)
    answers = {name: value for name, value in given.items() if value != ENCRYPTED}
    values = parse_variables(template.extra_vars) | surveys.defaults(asked) | answers | dict(own)
    secret = {question["variable"] for question in asked if question["type"] == "password"} & values.keys()
    job.extra_vars = json.dumps({name: ENCRYPTED if name in secret else value for name, value in values.items()})
    job.survey_passwords = json.dumps({name: values[name] for name in secret}) if secret else ""


def remember(job: Job, template: JobTemplate, answers: Mapping[str, Any]) -> None:
    """Keep the answers for a relaunch and for create_schedule/."""
    config = JobLaunchConfig(job=job, inventory=answers.get("inventory"))
    config.execution_environment = answers.get("execution_environment")
    for name in SHORT:
        if name in answers:
            setattr(config, name, answers[name])
    config.keep_secrets(dict(answers.get("extra_vars", {})), surveys.secret_variables(template.survey_spec))
    config.save()
    for name in ("credentials", "labels", "instance_groups"):
        if answers.get(name):
            config.set_many(name, answers[name])


def launch_ad_hoc(command: AdHocCommand, *, passwords: Mapping[str, str] | None = None) -> AdHocCommand:
    """Submit a saved command."""
    if passwords:
        command.start_args = json.dumps(dict(passwords))
        command.save(update_fields=["start_args"])
    unified.submit(command)
    return command
