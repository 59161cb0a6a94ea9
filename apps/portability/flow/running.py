"""The flow itself: check, sync, launch, follow, try again, report."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from . import checks, following
from .client import Client, FlowError
from .following import Printer
from .options import Options


@dataclass
class Result:
    """How it went; `code` is the exit code: 0 successful, 1 failed, 3 canceled."""

    template: str
    kind: str
    checks: dict[str, str] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """Of the last run."""
        return self.runs[-1]["status"] if self.runs else "not run"

    @property
    def code(self) -> int:
        """What the process exits with."""
        return {"successful": 0, "canceled": 3}.get(self.status, 1)


def run(client: Client, options: Options, *, say: Printer, out: Printer, status: Printer) -> Result:
    """One flow; FlowError where it could not be started or followed."""
    begun = time.monotonic()
    about = checks.server(client)
    say(f"server       {about}")
    found = checks.template(client, options.template)
    result = Result(found["name"], found["type"], {"server": about})
    say(f"template     {found['type']} {found['id']} {found['name']}")
    inventory, holds = checks.inventory(client, found, options)
    say(f"inventory    {holds}")
    credentials = checks.prompts(client, found, options)
    say(f"credentials  {credentials}")
    result.checks |= {"inventory": holds, "credentials": credentials}
    if options.sync and found.get("project"):
        result.checks["project"] = synchronized(client, found["project"], options, status)
        say(f"project      {result.checks['project']}")
    job = launched(client, found, inventory, options)
    say(f"launched     {job['type']} {job['id']}")
    attempt = 0
    while True:
        job = following.follow(
            client, job["type"], job["id"], options, (lambda _t: None) if options.quiet else out, status
        )
        result.runs.append({key: job.get(key) for key in ("id", "type", "status", "elapsed", "job_explanation")})
        if job["status"] in ("successful", "canceled") or attempt >= options.retries:
            break
        attempt += 1
        say(f"{job['status']}; try {attempt + 1} of {options.retries + 1} in {options.retry_delay:.0f} s")
        time.sleep(options.retry_delay)
        job = again(client, job)
    result.hosts = following.hosts(client, job["id"]) if job["type"] == "job" else []
    result.steps = following.steps(client, job["id"]) if job["type"] == "workflow_job" else []
    result.seconds = round(time.monotonic() - begun, 1)
    return result


def synchronized(client: Client, project: int, options: Options, status: Printer) -> str:
    """Update the project where it has something to update from; its revision."""
    row = client.get(f"projects/{project}/")
    if not row["scm_type"]:
        return f"{row['name']}, a directory of the server"
    update = client.post(f"projects/{project}/update/")
    job = following.settled(client, "project_update", update["project_update"], options, status)
    if job["status"] != "successful":
        why = f": {job['job_explanation']}" if job.get("job_explanation") else ""
        raise FlowError(
            f"The project {row['name']} could not be updated (project_update {job['id']} {job['status']}{why})."
        )
    return f"{row['name']}, at {client.get(f'projects/{project}/')['scm_revision'][:10] or 'no revision'}"


def launched(client: Client, found: dict[str, Any], inventory: int | None, options: Options) -> dict[str, Any]:
    """Launch; FlowError where the server would ignore something that was asked for."""
    body: dict[str, Any] = {}
    if options.inventory:
        body["inventory"] = inventory
    if options.limit:
        body["limit"] = options.limit
    if options.extra_vars:
        body["extra_vars"] = options.extra_vars
    job = client.post(f"{checks.KINDS[found['type']]}/{found['id']}/launch/", body)
    return {**job, "type": job.get("type") or ("job" if found["type"] == "job_template" else "workflow_job")}


def again(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """Relaunch: a job on the hosts that failed where there are some, else whole."""
    path = f"{following.JOBS[job['type']]}/{job['id']}/relaunch/"
    failed = job["type"] == "job" and any(row["failed"] for row in following.hosts(client, job["id"]))
    made = client.post(path, {"hosts": "failed"} if failed else {})
    return {**made, "type": made.get("type") or job["type"]}
