"""The checkout that a job runs, on the host that runs it: what another host synchronised is fetched here first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.conf import live
from apps.projects.models import Project, ProjectUpdate
from apps.unified.models import UnifiedJob
from apps.unified.runner import child, environment
from apps.unified.runner.kinds import Refused
from apps.unified.runner.workspace import Workspace

from . import checkouts, spec

LONGEST = 3600.0  # seconds, where neither the project nor the settings say less
MOST_SAID = 600  # characters of the output in the explanation
LOOK = 1.0  # seconds between two looks at whether the job was canceled


def checkout(job: Any, project: Project, revision: str, workspace: Workspace) -> Path:
    """The directory of a revision (the last one, where none is named), fetched where this host has not got it."""
    wanted = revision or project.scm_revision
    if project.scm_type and wanted and not checkouts.place(project.pk, wanted).is_dir():
        fetch(job, project, wanted, workspace)
    return checkouts.checkout(project, revision)


def fetch(job: Any, project: Project, revision: str, workspace: Workspace) -> None:
    """Fetch one revision from where it came from; Refused says why that is not possible."""
    own = Workspace.of(str(workspace.directory("fetch")))
    try:
        source, key = spec.of(project, origin(project, revision), own.path)
    except Refused as refusal:
        raise Refused(f"{missing(project, revision)}: {refusal}", "failed") from refusal
    path = own.write("sync.json", json.dumps(spec.pinned(source, revision)))
    env, agent = environment.base(workspace), None
    try:
        agent = child.start_agent({"ssh_key": key, "ssh_key_passphrase": ""}, own.path, env)
        log = own.write("log", "")
        code = run([sys.executable, "-I", str(spec.SCRIPT), str(path)], env, log, job, limit(project))
    except RuntimeError as error:
        raise Refused(f"{missing(project, revision)}: {error}", "failed") from error
    finally:
        if agent is not None:
            agent.kill()
            agent.wait()
        path.unlink(missing_ok=True)  # it holds passwords
    if code:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        why = f": {' '.join(said.split())[-MOST_SAID:]}" if said else "."
        raise Refused(f"{missing(project, revision)}{why}", "failed")


def origin(project: Project, revision: str) -> Any:
    """The update that brought the revision: the project's address may be another one now; else the project."""
    updates = ProjectUpdate.objects.filter(project=project, scm_revision=revision, status="successful")
    return updates.order_by("-id").first() or project


def missing(project: Project, revision: str) -> str:
    """The beginning of the explanation."""
    host = settings.CLUSTER_HOST_ID
    return f"The revision {revision[:12]} of the project {project.name} is not on {host} and cannot be fetched there"


def limit(project: Project) -> float:
    """Seconds that fetching may take."""
    return float(project.timeout or live.get("DEFAULT_PROJECT_UPDATE_TIMEOUT") or LONGEST)


def run(argv: list[str], env: dict[str, str], log: Path, job: Any, seconds: float) -> int:
    """Run to the end, the time limit or the job's cancellation; the exit status."""
    deadline = time.monotonic() + seconds
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            argv, env=env, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        while True:
            try:
                return process.wait(LOOK)
            except subprocess.TimeoutExpired:
                canceled = UnifiedJob.objects.non_polymorphic().filter(pk=job.pk, cancel_flag=True).exists()
                if canceled or time.monotonic() > deadline:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                if canceled:
                    raise Refused("", "canceled") from None
                if time.monotonic() > deadline:
                    output.write(f"It took longer than {seconds:.0f} seconds.\n".encode())
                    return 1
