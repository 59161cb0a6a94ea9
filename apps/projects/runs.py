"""How a project update runs: a detached process (sync/) that prints what it does and leaves its result in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.conf import live
from apps.credentials import ssh_keys
from apps.credentials.services.injection import CannotInject
from apps.credentials.services.lookups import LookupFailed, resolved
from apps.identity.models import Organization
from apps.instances.models import ExecutionEnvironment
from apps.unified.runner.kinds import Refused, Run, ScriptCommand, run_kind

from . import sources
from .models import Project, ProjectUpdate
from .services import checkouts

SCRIPT = Path(__file__).resolve().parent / "sync"
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
        self.check(job)
        place = job.project.directory()
        if not job.scm_type or place is None or not job.local_path:
            raise Refused("A manual project has nothing to update from.")
        self.note_environment()
        if job.scm_type == "insights":
            raise Refused("Projects of Red Hat Insights cannot be updated by this server.")
        key, login = self.secrets(job)
        spec = {**self.source(job, place), "login": login, "galaxy": self.galaxy(), **self.signature()}
        path = self.workspace.write("sync.json", json.dumps(spec))
        timeout = job.timeout or int(live.get("DEFAULT_PROJECT_UPDATE_TIMEOUT") or 0)
        return ScriptCommand(
            argv=[sys.executable, "-I", str(SCRIPT), str(path)],
            cwd=str(self.path()),
            timeout=max(timeout, 0),
            ssh_key=key,
        )

    def source(self, job: ProjectUpdate, place: Path) -> dict[str, Any]:
        """What to fetch, and where to."""
        project = job.project
        return {
            "type": job.scm_type,
            "url": job.scm_url,
            "branch": job.scm_branch,
            "refspec": job.scm_refspec,
            "clean": job.scm_clean,
            "delete": job.scm_delete_on_update,
            "submodules": job.scm_track_submodules,
            "copy": str(place),
            "checkouts": str(Path(settings.CHECKOUTS_ROOT) / str(project.pk)),
            "known": project.scm_revision if job.job_type == "check" else "",
            "local": sources.is_local(job.scm_url),
            "roots": [str(root) for root in sources.local_roots()],
            "block_private": settings.OUTBOUND_BLOCK_PRIVATE,
            "known_hosts": str(Path(settings.AWX_LITE_HOME) / "known_hosts"),
            "workspace": str(self.path()),
        }

    def signature(self) -> dict[str, str]:
        """The key that must have signed the content; nothing is known already then: it is looked at each time."""
        credential = self.job.project.signature_validation_credential
        if credential is None:
            return {"signature_key": ""}
        try:
            key = str(resolved(credential, {}).get("gpg_public_key") or "")
        except (CannotInject, LookupFailed) as error:
            raise Refused(f"The credential {credential.name} cannot be used: {error}") from error
        if not key:
            raise Refused(f"The credential {credential.name} holds no key for signatures.")
        return {"signature_key": key, "known": ""}

    def galaxy(self) -> dict[str, Any]:
        """How roles and collections are installed: from the servers of the organization, in their order."""
        organization, servers = self.job.project.organization, []
        links = Organization.galaxy_credentials.through.objects.filter(organization=organization)
        for credential in [link.credential for link in links.select_related("credential")]:
            try:
                values = resolved(credential, {})
            except (CannotInject, LookupFailed) as error:
                raise Refused(f"The credential {credential.name} cannot be used: {error}") from error
            servers.append({name: values.get(name, "") for name in ("url", "auth_url", "token")})
        env = {str(name): str(value) for name, value in (live.get("GALAXY_TASK_ENV") or {}).items()}
        if not live.is_changed("GALAXY_TASK_ENV"):
            env.pop("GIT_SSH_COMMAND", None)  # AWX's default would use the keys of this host
        return {
            "roles": bool(live.get("AWX_ROLES_ENABLED")),
            "collections": bool(live.get("AWX_COLLECTIONS_ENABLED")),
            "servers": servers,
            "ignore_certs": bool(live.get("GALAXY_IGNORE_CERTS")),
            "verbose": bool(live.get("PROJECT_UPDATE_VVV")),
            "env": env,
        }

    @staticmethod
    def check(job: ProjectUpdate) -> None:
        """What the serializer refused is refused here too."""
        try:
            if job.scm_type != "insights":
                sources.check_url(job.scm_type, job.scm_url)
            if job.scm_branch:
                sources.check_reference(job.scm_branch)
            if job.scm_refspec:
                sources.check_refspec(job.scm_refspec)
        except sources.BadSource as error:
            raise Refused(f"The project's source is refused: {error}") from error

    @staticmethod
    def secrets(job: ProjectUpdate) -> tuple[str, dict[str, str]]:
        """The private key, and the login for the address."""
        if job.credential is None:
            return "", {}
        try:
            values = resolved(job.credential, {})
            key = values.get("ssh_key_data", "")
            if key:
                key = ssh_keys.unlocked(key, values.get("ssh_key_unlock", ""))
        except (CannotInject, LookupFailed, ssh_keys.BadKey) as error:
            raise Refused(f"The credential {job.credential.name} cannot be used: {error}") from error
        login = {name: values[name] for name in ("username", "password") if values.get(name)}
        return key, login

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
