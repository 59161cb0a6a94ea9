"""What the runs of playbooks and of ad hoc commands have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from apps.conf import live
from apps.credentials.services.injection import CannotInject, inject_all
from apps.instances import environments
from apps.inventory.services.hosts import hosts_of
from apps.inventory.services.script import stream_inventory
from apps.inventory.services.updates import updates_needed
from apps.unified.prompts import ordered
from apps.unified.runner import containers
from apps.unified.runner.kinds import Refused, Run

DEFAULT_FORKS = 5
SCRIPT = "inventory/hosts"
SOCKET_LIMIT = 107  # bytes of a path of a socket
SOCKET_NAME = 28  # bytes of a name that Ansible and ssh give one: a slash, ten digits, a dot and sixteen letters


class HostsRun(Run):
    """A run of Ansible on the hosts of an inventory."""

    @classmethod
    def task_impact(cls, job: Any) -> int:
        """As many forks as are used at most, plus one."""
        hosts = job.inventory.total_hosts if job.inventory else 1
        return min(hosts or 1, job.forks or DEFAULT_FORKS) + 1

    @classmethod
    def dependencies(cls, job: Any) -> Sequence[Any]:
        """Updates of the inventory's sources."""
        return updates_needed(job)

    @classmethod
    def instance_groups(cls, job: Any) -> Sequence[Any]:
        """The inventory's, then its organization's."""
        return inventory_groups(job.inventory)

    # --- the parts of prepare() ----------------------------------------------------------------------------------

    def check_inventory(self) -> Any:
        """The inventory, if the job still has one."""
        inventory = self.job.inventory
        if inventory is None:
            raise Refused("The inventory of the job is gone.")
        if inventory.pending_deletion:
            raise Refused("The inventory of the job is being deleted.")
        return inventory

    def write_inventory(self, *, part: tuple[int, int] | None = None) -> str:
        """The path of an executable that prints the inventory, or one `part` of it: (number, of how many)."""
        data = self.path("inventory", "hosts.json")
        data.parent.mkdir(mode=0o700, exist_ok=True)
        with data.open("w", encoding="utf-8") as file:
            stream_inventory(self.job.inventory, file, part=part)
        script = self.workspace.write(SCRIPT, f"#!/bin/sh\nexec cat '{data}'\n", mode=0o700)
        return str(script)

    def give_credentials(self, credentials: Sequence[Any]) -> Any:
        """Environment, options, files, prompts and key of the job's credentials."""
        given = json.loads(self.job.start_args) if self.job.start_args else {}
        try:
            return inject_all(credentials, self.workspace, answers=given)
        except CannotInject as error:
            raise Refused(str(error)) from error

    def environment(self) -> dict[str, str]:
        """What Ansible is told by its environment, beside the credentials' part."""
        sockets = self.workspace.directory("cp")
        # ssh cannot share connections through a longer path; then every task has a connection of its own
        fits = len(str(sockets)) + SOCKET_NAME <= SOCKET_LIMIT
        return {
            **({} if fits else {"ANSIBLE_SSH_ARGS": "-C -o ControlMaster=no"}),
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets),
            "JOB_ID": str(self.job.pk),
            "INVENTORY_ID": str(self.job.inventory_id),
        }

    def settle_environment(self) -> None:
        """Note on the job which execution environment counts for it."""
        if self.job.execution_environment_id is None:
            found = environments.resolve(getattr(self.job, "project", None), self.job.organization)
            if found is not None:
                self.job.execution_environment = found
                self.job.save(update_fields=["execution_environment"])

    def contained(self, folder: str) -> dict[str, Any]:
        """The container that the job's environment asks for, where the installation starts any."""
        box, banner = containers.plan(self.job.execution_environment, self.workspace, folder)
        return {"container": box, "banner": banner}

    # --- while it runs -------------------------------------------------------------------------------------------

    def host_ids(self, names: set[str]) -> Mapping[str, int]:
        """The hosts of the inventory by name."""
        if self.job.inventory is None:
            return {}
        return dict(hosts_of(self.job.inventory).filter(name__in=names).order_by().values_list("name", "pk"))


def inventory_groups(inventory: Any) -> list[Any]:
    """Instance groups that an inventory prefers, its organization's behind them; each once."""
    if inventory is None:
        return []
    found = ordered(inventory, "instance_groups")
    if inventory.organization and not inventory.prevent_instance_group_fallback:
        found += ordered(inventory.organization, "instance_groups")
    return list(dict.fromkeys(found))


def seconds(job: Any, setting: str) -> int:
    """The timeout: the job's own, else the setting's; a negative one means none."""
    own = getattr(job, "timeout", 0)
    return max(own, 0) if own else int(live.get(setting) or 0)
