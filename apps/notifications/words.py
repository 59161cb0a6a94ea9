"""The words of notifications: the default ones, custom ones in the sandbox, and what templates may use of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.conf import live
from apps.core import links, registry, sandbox
from apps.core.serializers import iso

from .backends import BACKENDS, Message

FRIENDLY = {
    "job": "Job",
    "project_update": "Project Update",
    "inventory_update": "Inventory Update",
    "system_job": "System Job",
    "workflow_job": "Workflow Job",
    "ad_hoc_command": "AdHoc Command",
    "workflow_approval": "Workflow Approval",
}
# columns of a job that a template may use
COLUMNS = (
    "id", "name", "description", "job_type", "playbook", "forks", "limit", "verbosity", "job_tags", "force_handlers",
    "skip_tags", "start_at_task", "timeout", "use_fact_cache", "launch_type", "status", "failed", "elapsed",
    "job_explanation", "execution_node", "controller_node", "allow_simultaneous", "scm_revision", "scm_branch",
    "diff_mode", "job_slice_number", "job_slice_count", "event_processing_finished", "host_status_counts", "source",
    "module_name", "module_args", "scm_type", "scm_url",
)  # fmt: skip
TIMES = ("created", "modified", "started", "finished")
# what a job points to, and what a template may use of it
RELATED = {
    "inventory": ("id", "name", "description", "kind", "total_hosts"),
    "project": ("id", "name", "description", "status", "scm_type"),
    "job_template": ("id", "name", "description"),
    "workflow_job_template": ("id", "name", "description"),
    "unified_job_template": ("id", "name", "description"),
    "organization": ("id", "name", "description"),
    "schedule": ("id", "name", "description"),
    "instance_group": ("id", "name"),
    "execution_environment": ("id", "name", "description", "image"),
    "project_update": ("id", "name", "description", "status"),
    "created_by": ("id", "username", "first_name", "last_name"),
}
LINE = "{{ job_friendly_name }} #{{ job.id }} '{{ job.name }}' {{ job.status }}: {{ url }}"
BODY = "{{ job_friendly_name }} #{{ job.id }} ended as {{ job.status }}. See {{ url }}\n\n{{ job_metadata }}"
DATA = "{{ job_metadata }}"
ASKED = 'The approval node "{{ approval_node_name }}"'
APPROVAL_LINES = {
    "running": f"{ASKED} needs review: {{{{ workflow_url }}}}",
    "approved": f"{ASKED} was approved. {{{{ workflow_url }}}}",
    "denied": f"{ASKED} was denied. {{{{ workflow_url }}}}",
    "timed_out": f"{ASKED} has timed out. {{{{ workflow_url }}}}",
}
APPROVAL_BODY = f"{ASKED} is {{{{ approval_status }}}}. See {{{{ workflow_url }}}}\n\n{{{{ job_metadata }}}}"


def url_of(job: Any) -> str:
    """Where the job is, from outside."""
    return f"{str(live.get('TOWER_URL_BASE')).rstrip('/')}{links.object_url(job)}"


def kind_of(job: Any) -> str:
    """The API's word for the kind of job."""
    return registry.for_model(type(job)).type_name(type(job))


def plain(value: Any) -> Any:
    """A value without methods of its own."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else str(value)


def described(job: Any) -> dict[str, Any]:
    """What a template may use as `job`: plain values only."""
    out: dict[str, Any] = {"type": kind_of(job), "url": links.object_url(job)}
    out |= {name: plain(getattr(job, name)) for name in COLUMNS if hasattr(job, name)}
    out["elapsed"] = float(job.elapsed or 0)
    out |= {name: iso(getattr(job, name)) for name in TIMES}
    summary: dict[str, Any] = {}
    for name, fields in RELATED.items():
        target = getattr(job, name, None)
        if target is not None:
            summary[name] = {field: plain(getattr(target, field)) for field in fields if hasattr(target, field)}
    labels = list(job.labels.values("id", "name")) if hasattr(job, "labels") else []
    summary["labels"] = {"count": len(labels), "results": labels}
    return out | {"artifacts": plain(getattr(job, "artifacts", {})), "summary_fields": summary}


def metadata(job: Any) -> dict[str, Any]:
    """What receivers of data get: who, what, when, how it ended, and the hosts' results."""
    out = {
        "id": job.pk,
        "name": job.name,
        "url": url_of(job),
        "created_by": str(job.created_by) if job.created_by_id else None,
        "started": iso(job.started),
        "finished": iso(job.finished),
        "status": job.status,
        "traceback": job.result_traceback,
    }
    for name in ("inventory", "project", "credential"):
        if hasattr(job, name):
            target = getattr(job, name)
            out[name] = target.name if target is not None else None
    out |= {name: plain(getattr(job, name)) for name in ("playbook", "limit", "extra_vars") if hasattr(job, name)}
    if hasattr(job, "job_host_summaries"):
        columns = ("failed", "changed", "dark", "failures", "ok", "processed", "skipped", "rescued", "ignored")
        rows = job.job_host_summaries.values("host_name", *columns)[:5000]
        out["hosts"] = {row.pop("host_name"): row for row in rows}
    return out | {"friendly_name": FRIENDLY.get(kind_of(job), "Job")}


def context_of(job: Any) -> dict[str, Any]:
    """What the templates of a notification about this job may use."""
    workflow = getattr(job.workflow_node, "workflow_job", None) if kind_of(job) == "workflow_approval" else None
    return {
        "job": described(job),
        "job_friendly_name": FRIENDLY.get(kind_of(job), "Job"),
        "url": url_of(job),
        "job_metadata": json.dumps(metadata(job), ensure_ascii=False, indent=4, default=str),
        "approval_status": approval_status(job),
        "approval_node_name": job.name if workflow is not None else "",
        "workflow_url": url_of(workflow) if workflow is not None else "",
    }


def approval_status(job: Any) -> str:
    """How a question stands: running, approved, timed_out, denied; empty for other jobs."""
    if not hasattr(job, "timed_out"):
        return ""
    if job.timed_out:
        return "timed_out"
    return {"successful": "approved", "pending": "running", "running": "running"}.get(job.status, "denied")


def sample() -> dict[str, Any]:
    """A context with everything in it, against which custom messages are checked."""
    job: dict[str, Any] = dict.fromkeys((*COLUMNS, *TIMES, "type", "url"), "x")
    job |= {"id": 1, "artifacts": {}, "elapsed": 1.5, "forks": 0, "verbosity": 0, "failed": False, "timeout": 0}
    job["host_status_counts"] = dict.fromkeys(
        ("ok", "changed", "dark", "failures", "skipped", "processed", "ignored"), 1
    )
    summary: dict[str, Any] = {name: dict.fromkeys(fields, "x") for name, fields in RELATED.items()}
    summary["inventory"] |= {
        "has_active_failures": False, "hosts_with_active_failures": 0, "total_groups": 0, "total_inventory_sources": 0,
        "inventory_sources_with_failures": 0, "organization_id": 1, "has_inventory_sources": False,
    }  # fmt: skip
    summary["unified_job_template"]["unified_job_type"] = "job"
    summary["labels"] = {"count": 0, "results": []}
    words = ("job_friendly_name", "url", "approval_status", "approval_node_name", "workflow_url")
    return {"job": job | {"summary_fields": summary}, "job_metadata": "{}"} | dict.fromkeys(words, "x")


def defaults_for(kind: str, event: str) -> tuple[str, str]:
    """(line, body) where nothing is customised."""
    data = BACKENDS[kind].data or kind == "awssns"
    if event in APPROVAL_LINES:
        return APPROVAL_LINES[event], DATA if data else APPROVAL_BODY
    return LINE, DATA if data else BODY


def custom_for(messages: Any, event: str) -> Mapping[str, Any]:
    """The custom message of an event, or nothing."""
    found = messages or {}
    found = (found.get("workflow_approval") or {}) if event in APPROVAL_LINES else found
    return found.get(event) or {}


def message_for(kind: str, messages: Any, event: str, context: dict[str, Any]) -> Message:
    """What is said: the custom words where there are some that can be rendered, the default ones otherwise."""
    custom, usual = custom_for(messages, event), defaults_for(kind, event)
    line = first_rendered((custom.get("message"), usual[0]), context)
    if not BACKENDS[kind].data:
        return Message(line, first_rendered((custom.get("body"), usual[1]), context))
    for source in (custom.get("body"), usual[1]):
        body = as_data(first_rendered((source,), context)) if source else None
        if body is not None:
            return Message(line, body)
    return Message(line, {"body": line})


def first_rendered(sources: tuple[Any, ...], context: dict[str, Any]) -> str:
    """The first template that is there and can be rendered."""
    for source in sources:
        if isinstance(source, str) and source:
            try:
                return sandbox.render(source, context)
            except sandbox.BadTemplate:
                continue
    return ""


def as_data(text: str) -> dict[str, Any] | None:
    """The mapping that a text of JSON stands for, or None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
