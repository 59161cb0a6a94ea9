"""The run of an ad hoc command: one module on some hosts."""

from __future__ import annotations

from apps.conf import live
from apps.core.fields import parse_variables
from apps.jobs import summaries
from apps.jobs.models import AdHocCommand
from apps.unified.runner.kinds import AnsibleCommand, Refused, run_kind

from . import options, variables
from .base import HostsRun, seconds


@run_kind(AdHocCommand)
class AdHocCommandRun(HostsRun):
    """One run of a module."""

    def prepare(self) -> AnsibleCommand:
        """The inventory, the credential and the variables."""
        job = self.job
        self.check_inventory()
        if job.credential is None:
            raise Refused("The credential of the command is gone.")
        if job.module_name not in live.get("AD_HOC_COMMANDS"):
            raise Refused(f"The module {job.module_name!r} is not allowed any more.")
        self.settle_environment()
        target = self.give_credentials([job.credential])
        values = parse_variables(job.extra_vars) | variables.about(job)
        text = variables.as_yaml(values, {}, "never")
        return AnsibleCommand(
            module=job.module_name,
            module_args=job.module_args,
            host_pattern=job.limit or "all",
            inventory=self.write_inventory(),
            cwd=str(self.path()),
            cmdline=options.common(job, target.cmdline),
            extra_vars_file=str(self.workspace.write("env/extravars.yml", text)),
            envvars=self.environment() | {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"} | target.env,
            hidden_env=sorted(target.secret_env),
            passwords=target.passwords,
            ssh_key=target.ssh_key,
            timeout=seconds(job, "DEFAULT_JOB_TIMEOUT"),
            settings={"idle_timeout": live.get("DEFAULT_JOB_IDLE_TIMEOUT") or None},
            **self.contained(str(self.path())),
        )

    def finished(self, status: str) -> None:
        """How many hosts ended how."""
        summaries.count_hosts(self.job)
