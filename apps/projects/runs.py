"""How a project update runs: a detached process (sync/) that prints what it does and leaves its result in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from apps.conf import live
from apps.instances.models import ExecutionEnvironment
from apps.unified.runner.kinds import Refused, Run, ScriptCommand, run_kind

from .models import Project, ProjectUpdate
from .services import checkouts, spec

RESULT = "result.json"


@run_kind(ProjectUpdate)
class ProjectUpdateRun(Run):
    """One update of a project."""

    control = True
    impact = 1

    @classmethod
    def lane(cls, job: ProjectUpdate) -> str:
        """Updates of one project run one after the other."""
        return f"project:{job.project_id}"

    @classmethod
    def instance_groups(cls, job: ProjectUpdate) -> Sequence[Any]:
        """The control plane's."""
        return ()

    def prepare(self) -> ScriptCommand:
        """Check the source once more, and hand everything over in a private file."""
        job = self.job
        self.note_environment()
        source, key = spec.of(job.project, job, self.path())
        if job.job_type == "run" and job.scm_revision:
            source = spec.pinned(source, job.scm_revision)
        elif job.job_type == "check" and not source["signature_key"]:  # a signature is looked at each time
            source["known"] = job.project.scm_revision
        path = self.workspace.write("sync.json", json.dumps(source))
        timeout = job.timeout or int(live.get("DEFAULT_PROJECT_UPDATE_TIMEOUT") or 0)
        return ScriptCommand(
            argv=[sys.executable, "-I", str(spec.SCRIPT), str(path)],
            cwd=str(self.path()),
            timeout=max(timeout, 0),
            ssh_key=key,
        )

    def note_environment(self) -> None:
        """Updates run in the control plane's environment, as the job says."""
        managed = ExecutionEnvironment.objects.filter(managed=True).order_by("pk").first()
        if managed is not None and self.job.execution_environment_id is None:
            self.job.execution_environment = managed
            ProjectUpdate.objects.filter(pk=self.job.pk).update(execution_environment=managed)

    def finished(self, status: str) -> None:
        """Note the revision, and for the project itself what it holds."""
        if status != "successful":
            return
        result = self.result()
        revision = str(result.get("revision", ""))
        ProjectUpdate.objects.filter(pk=self.job.pk).update(scm_revision=revision)
        self.job.scm_revision = revision
        if self.job.job_type == "check":
            found = {"playbook_files": result["playbooks"], "inventory_files": result["inventories"]}
            Project.objects.filter(pk=self.job.project_id).update(scm_revision=revision, **found)
            checkouts.prune(self.job.project)

    def result(self) -> dict[str, Any]:
        """What the process left."""
        try:
            return json.loads(self.path(RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused("The update left no result.", status="error") from error
