"""The same job again: with its own columns, credentials and labels, whatever its template says by now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core import context
from apps.jobs.models import AdHocCommand, Job
from apps.jobs.models.options import OPTION_FIELDS
from apps.unified import services as unified
from apps.unified.models import JobLaunchConfig
from apps.unified.prompts import MANY, SHORT, ordered

from .launching import LaunchRefused, link
from .prompts import needed_passwords

SAME_JOB = ("name", "description", "unified_job_template", "organization", "execution_environment")
OF_JOB = (*OPTION_FIELDS, *SAME_JOB, "job_template", "job_slice_number", "survey_passwords", "webhook_guid")
OF_COMMAND = (
    *("name", "description", "organization", "execution_environment", "job_type", "inventory", "limit", "credential"),
    *("module_name", "module_args", "forks", "verbosity", "become_enabled", "diff_mode", "extra_vars"),
)


def relaunch(job: Any, *, actor: Any, hosts: str = "all", passwords: Mapping[str, str] | None = None) -> Any:
    """A new job like `job` (a Job or an AdHocCommand); `hosts="failed"` limits it to those that failed.

    LaunchRefused where something that it needs is gone, a password is missing, or no host failed.
    """
    given = dict(passwords or {})
    needed = passwords_of(job)
    lacking = [name for name in needed if not given.get(name)]
    if lacking:
        raise LaunchRefused({"credential_passwords": [f"These passwords are needed: {', '.join(lacking)}."]})
    limit = limit_of(job, hosts)
    with transaction.atomic(), context.acting_as(actor):
        twin = twin_of(job, {} if limit is None else {"limit": limit})
        if needed:
            twin.start_args = json.dumps({name: given[name] for name in needed})
            twin.save(update_fields=["start_args"])
        unified.submit(twin)
    return twin


def passwords_of(job: Any) -> list[str]:
    """The passwords that must be given to run the job again."""
    if isinstance(job, AdHocCommand):
        return needed_passwords([job.credential] if job.credential else [])
    return needed_passwords(job.credentials.select_related("credential_type"))


def twin_of(job: Any, changes: Mapping[str, Any]) -> Any:
    """The new row with its links and its memory of the prompts."""
    kind = type(job)
    twin = kind(launch_type="relaunch" if kind is Job else "manual")
    for name in OF_JOB if kind is Job else OF_COMMAND:
        attname = kind._meta.get_field(name).attname
        setattr(twin, attname, getattr(job, attname))
    for name, value in changes.items():
        setattr(twin, name, value)
    twin.save()
    link(twin.credentials, job.credentials.all())
    link(twin.labels, job.labels.all())
    config = JobLaunchConfig.objects.filter(job=job).first()
    if config is not None:
        copy_config(config, twin)
    return twin


def copy_config(config: JobLaunchConfig, twin: Any) -> None:
    """The new job remembers the same answers."""
    copy = JobLaunchConfig(job=twin, extra_data=config.extra_data, survey_passwords=config.survey_passwords)
    copy.inventory_id, copy.execution_environment_id = config.inventory_id, config.execution_environment_id
    for name in SHORT:
        setattr(copy, name, getattr(config, name))
    copy.save()
    for name in MANY:
        rows = ordered(config, name)
        if rows:
            copy.set_many(name, rows)


def retry_hosts(job: Job, which: str) -> Any:
    """The summaries of the hosts that a retry of `all` or of `failed` hosts takes."""
    rows = job.job_host_summaries.order_by("host_name")
    return rows.filter(failed=True) if which == "failed" else rows


def limit_of(job: Any, hosts: str) -> str | None:
    """The limit of a retry on some hosts; None for the job's own."""
    if hosts in ("all", "", None):
        return None
    if job.is_active:
        raise LaunchRefused({"hosts": f"Which hosts are {hosts} is known when the job is over."})
    if not job.job_host_summaries.exists():
        raise LaunchRefused({"hosts": f"Which hosts are {hosts} is not known: the job has no host summaries."})
    names = list(retry_hosts(job, hosts).values_list("host_name", flat=True))
    if not names:
        raise LaunchRefused({"hosts": f"The job has no {hosts} hosts to run on again."})
    return ",".join(names)
