"""The extra variables of a run as a file: what users wrote is marked unsafe, so that Ansible does not template it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

PREFIXES = ("awx", "tower")
# where Jinja is allowed in extra variables: the setting ALLOW_JINJA_IN_EXTRA_VARS
ALWAYS, TEMPLATE = "always", "template"


class Unsafe(str):
    """A text that Ansible must take literally."""

    __slots__ = ()


class Dumper(yaml.SafeDumper):
    """Writes unsafe texts with their tag, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Every value is written out."""
        return True


Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def marked(value: Any) -> Any:
    """The value with every text in it marked unsafe, also the keys of mappings."""
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, Mapping):
        return {marked(key): marked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [marked(item) for item in value]
    return value


def as_yaml(variables: Mapping[str, Any], safe: Mapping[str, Any], mode: str) -> str:
    """The file. `safe` are the template's own variables: unchanged, they may hold Jinja where `mode` is `template`."""
    out = {}
    for name, value in variables.items():
        trusted = mode == ALWAYS or (mode == TEMPLATE and name in safe and safe[name] == value)
        out[name] = value if trusted else marked(value)
    return yaml.dump(out, Dumper=Dumper, allow_unicode=True, default_flow_style=False, sort_keys=False)


def about(job: Any) -> dict[str, Any]:
    """What every playbook is told of its job, under both of AWX's prefixes."""
    values: dict[str, Any] = {"job_id": job.pk, "job_launch_type": job.launch_type}
    if job.created_by:
        user = job.created_by
        values |= {
            "user_id": user.pk,
            "user_name": user.username,
            "user_email": user.email,
            "user_first_name": user.first_name,
            "user_last_name": user.last_name,
        }
    if job.schedule:
        values |= {"schedule_id": job.schedule.pk, "schedule_name": job.schedule.name}
    if job.inventory:
        values |= {"inventory_id": job.inventory.pk, "inventory_name": job.inventory.name}
    return both(values | of_template(job) | of_workflow(job))


def of_template(job: Any) -> dict[str, Any]:
    """Of a job: its template and its project; an ad hoc command has neither."""
    values: dict[str, Any] = {}
    if getattr(job, "job_template", None):
        values |= {"job_template_id": job.job_template.pk, "job_template_name": job.job_template.name}
    if getattr(job, "project", None):
        values |= {"project_revision": job.scm_revision, "project_scm_branch": job.project.scm_branch}
        if job.scm_branch:
            values["job_scm_branch"] = job.scm_branch
    return values


def of_workflow(job: Any) -> dict[str, Any]:
    """The workflow that the job is a part of."""
    node = job.workflow_node
    workflow = node.workflow_job if node is not None else None
    if workflow is None:
        return {}
    values = {
        "workflow_job_id": workflow.pk,
        "workflow_job_name": workflow.name,
        "workflow_job_launch_type": workflow.launch_type,
    }
    if workflow.schedule:
        values |= {"parent_job_schedule_id": workflow.schedule.pk, "parent_job_schedule_name": workflow.schedule.name}
    return values


def both(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value under `awx_` and under `tower_`."""
    return {f"{prefix}_{name}": value for prefix in PREFIXES for name, value in values.items()}
