"""The run of a job: a playbook of its project's revision on its inventory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.conf import live
from apps.core.fields import parse_variables
from apps.inventory.services import facts
from apps.inventory.services.updates import updates_needed
from apps.jobs import summaries
from apps.jobs.models import Job
from apps.projects.services import bring, checkouts, updates
from apps.unified.prompts import ordered
from apps.unified.runner.kinds import AnsibleCommand, Refused, run_kind

from . import options, variables
from .base import HostsRun, seconds

FACTS = "facts"
FAILED = {"failed", "error"}  # of a project's last update; a canceled one leaves the revision as it was


@run_kind(Job)
class JobRun(HostsRun):
    """One run of a playbook."""

    # --- before --------------------------------------------------------------------------------------------------

    @classmethod
    def lane(cls, job: Job) -> str:
        """One job of a template at a time, unless it allows more."""
        return "" if job.allow_simultaneous or not job.job_template_id else f"job_template:{job.job_template_id}"

    @classmethod
    def waits_on(cls, job: Job) -> Sequence[str]:
        """Updates of the project that were asked for before."""
        return (f"project:{job.project_id}",) if job.project_id else ()

    @classmethod
    def dependencies(cls, job: Job) -> Sequence[Any]:
        """The project's update and those of inventory sources that update on launch."""
        found = list(updates_needed(job))
        if job.project is None:
            return found
        update = updates.for_branch(job.project, job.scm_branch) or updates.for_launch(job.project)
        if update is None:
            return found
        Job.objects.non_polymorphic().filter(pk=job.pk).update(project_update=update)
        return [update, *found]

    @classmethod
    def instance_groups(cls, job: Job) -> Sequence[Any]:
        """Those of the launch; else the template's, the inventory's and the job's organization's, in this order.

        A template or an inventory that prevents the fallback ends the list.
        """
        config = getattr(job, "launch_config", None)
        asked = ordered(config, "instance_groups") if config else []
        if asked:
            return asked
        found: list[Any] = []
        for owner in (job.job_template, job.inventory, job.organization):
            if owner is not None:
                found += ordered(owner, "instance_groups")
                if getattr(owner, "prevent_instance_group_fallback", False):
                    break
        return list(dict.fromkeys(found))

    # --- preparing -----------------------------------------------------------------------------------------------

    def prepare(self) -> AnsibleCommand:
        """Everything that the playbook needs, in the private directory."""
        job = self.job
        self.check_inventory()
        place = self.checkout()
        self.settle_environment()
        part = (job.job_slice_number, job.job_slice_count) if job.job_slice_count > 1 else None
        inventory = self.write_inventory(part=part)
        target = self.give_credentials(list(job.credentials.select_related("credential_type")))
        if job.use_fact_cache:
            facts.write_facts(job, self.workspace.directory(FACTS))
        env = self.environment() | self.project_environment(place) | target.env
        return AnsibleCommand(
            playbook=job.playbook,
            inventory=inventory,
            cwd=str(place),
            cmdline=options.playbook(job, target.cmdline),
            extra_vars_file=self.write_variables(target.extra_vars),
            envvars=env,
            hidden_env=sorted(target.secret_env),
            passwords=target.passwords,
            ssh_key=target.ssh_key,
            timeout=seconds(job, "DEFAULT_JOB_TIMEOUT"),
            settings={"idle_timeout": live.get("DEFAULT_JOB_IDLE_TIMEOUT") or None},
            fact_cache=str(self.path(FACTS)) if job.use_fact_cache else "",
            **self.contained(str(place)),
        )

    def checkout(self) -> Path:
        """The project's files at the revision that the job runs; the revision is noted on the job."""
        job = self.job
        if job.project is None:
            raise Refused("The project of the job is gone.")
        if not job.playbook:
            raise Refused("The job names no playbook.")
        if job.project.scm_type and job.project.status in FAILED:
            raise Refused(
                f"The last update of the project {job.project.name} failed, so its revision is in doubt: "
                "update it, then launch the job again.",
                "failed",
            )
        revision = job.project_update.scm_revision if job.project_update else ""
        try:
            place = bring.checkout(job, job.project, revision, self.workspace)
            checkouts.inside(place, job.playbook)
        except checkouts.NotThere as error:
            raise Refused(str(error), "failed") from error
        job.scm_revision = revision or job.project.scm_revision
        job.save(update_fields=["scm_revision"])
        return place

    def project_environment(self, place: Path) -> dict[str, str]:
        """Where the project's roles and collections are."""
        own = {
            "ANSIBLE_ROLES_PATH": ("roles", "requirements_roles"),
            "ANSIBLE_COLLECTIONS_PATH": ("collections", "requirements_collections"),
        }
        common = {
            "ANSIBLE_ROLES_PATH": "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles",
            "ANSIBLE_COLLECTIONS_PATH": "~/.ansible/collections:/usr/share/ansible/collections",
        }
        out = {"PROJECT_REVISION": self.job.scm_revision}
        for name, folders in own.items():
            found = [str(place / folder) for folder in folders if (place / folder).is_dir()]
            out[name] = os.pathsep.join([*found, common[name]])
        if self.job.use_fact_cache:
            out |= {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_PREFIX": ""}
            out["ANSIBLE_CACHE_PLUGIN_CONNECTION"] = str(self.path(FACTS))
            out["ANSIBLE_CACHE_PLUGIN_TIMEOUT"] = str(live.get("ANSIBLE_FACT_CACHE_TIMEOUT"))
        return out

    def write_variables(self, of_credentials: dict[str, Any]) -> str:
        """The file of extra variables: the job's, with its secrets, then what the job is, then the credentials'."""
        job = self.job
        template = job.job_template
        safe = parse_variables(template.extra_vars) if template else {}
        values = parse_variables(job.extra_vars) | job.secret_answers() | variables.about(job)
        text = variables.as_yaml(values, safe, live.get("ALLOW_JINJA_IN_EXTRA_VARS"))
        if of_credentials:
            text += variables.as_yaml(
                {name: value for name, value in of_credentials.items() if name not in values}, {}, variables.ALWAYS
            )
        return str(self.workspace.write("env/extravars.yml", text))

    # --- after ---------------------------------------------------------------------------------------------------

    def finished(self, status: str) -> None:
        """Artifacts, host summaries, the hosts' last job, and the facts that the run has gathered."""
        summaries.write(self.job)
        if self.job.use_fact_cache:
            facts.read_facts(self.job, self.path(FACTS))
