"""Waiting for a job while its output is printed; what hosts did is read at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .client import Client, FlowError
from .options import Options

OVER = ("successful", "failed", "error", "canceled")
JOBS = {
    "job": "jobs",
    "workflow_job": "workflow_jobs",
    "project_update": "project_updates",
    "inventory_update": "inventory_updates",
}
Printer = Callable[[str], None]


def settled(client: Client, kind: str, pk: int, options: Options, status: Printer) -> dict[str, Any]:
    """Wait for a job without its output."""
    return follow(client, kind, pk, options, lambda _text: None, status)


def follow(client: Client, kind: str, pk: int, options: Options, out: Printer, status: Printer) -> dict[str, Any]:
    """Print output as it comes; the job once it is over and all its output is there."""
    begun, counter = time.monotonic(), 0
    while True:
        job = client.get(f"{JOBS[kind]}/{pk}/")
        over = job["status"] in OVER and job.get("event_processing_finished", True)
        counter = printed(client, kind, pk, counter, out) if kind == "job" else counter
        waits = f", {job['job_explanation']}" if job["status"] == "pending" and job.get("job_explanation") else ""
        status(f"{kind} {pk} {job['status']}{waits}, {time.monotonic() - begun:.0f} s, {counter} events")
        if over:
            return job
        if options.timeout and time.monotonic() - begun > options.timeout:
            raise FlowError(
                f"The {kind} {pk} is still {job['status']} after {options.timeout:.0f} s; it goes on there."
            )
        time.sleep(options.poll)


def printed(client: Client, kind: str, pk: int, counter: int, out: Printer) -> int:
    """Print the events after a counter; the counter of the last one.

    Events are stored in order, so what comes later has a higher counter.
    """
    query = {"counter__gt": counter, "order_by": "counter", "no_truncate": "true"}
    for event in client.pages(f"{JOBS[kind]}/{pk}/job_events/", **query):
        counter = max(counter, event["counter"])
        if event["stdout"]:
            out(event["stdout"])
    return counter


def hosts(client: Client, pk: int) -> list[dict[str, Any]]:
    """What a job did on each host."""
    keys = ("host_name", "ok", "changed", "failures", "dark", "skipped", "rescued", "ignored", "failed")
    return [{key: row[key] for key in keys} for row in client.pages(f"jobs/{pk}/job_host_summaries/")]


def steps(client: Client, pk: int) -> list[dict[str, Any]]:
    """What became of each node of a workflow."""
    out = []
    for node in client.pages(f"workflow_jobs/{pk}/workflow_nodes/", order_by="id"):
        job, template = (node["summary_fields"].get(key) or {} for key in ("job", "unified_job_template"))
        state = job.get("status") or ("skipped" if node["do_not_run"] else "not run")
        out.append({"node": node["identifier"], "template": template.get("name", ""), "status": state})
    return out
