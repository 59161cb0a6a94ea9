"""How an inventory update runs: ansible-inventory writes what it finds to a file, which is merged at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError

from apps.conf import live
from apps.core.fields import parse_variables
from apps.credentials.environment import refusal
from apps.credentials.services.injection import CannotInject, inject_all
from apps.instances.models import ExecutionEnvironment
from apps.projects.models import ProjectUpdate
from apps.projects.services import bring, checkouts
from apps.projects.services.updates import for_launch
from apps.unified.models import InventoryUpdateEvent
from apps.unified.runner.kinds import Refused, Run, ScriptCommand, run_kind

from .models import Inventory, InventoryUpdate
from .services import updates
from .services.importing import ImportFailed, import_file
from .services.importing.sources import KINDS
from .services.script import stream_inventory

OUTPUT = "found.json"


@run_kind(InventoryUpdate)
class InventoryUpdateRun(Run):
    """One update of a source."""

    impact = 1

    @classmethod
    def dependencies(cls, job: InventoryUpdate) -> Sequence[Any]:
        """The project's update, for scm; the updates of the inputs, for constructed inventories."""
        if job.source == "scm" and job.inventory_source.source_project is not None:
            return cls.project_first(job, job.inventory_source.source_project)
        if job.source == "constructed" and job.inventory is not None:
            return [update for inventory in inputs_of(job.inventory) for update in updates.needed_for(inventory, job)]
        return []

    @classmethod
    def project_first(cls, job: InventoryUpdate, project: Any) -> Sequence[Any]:
        """The project's update, if it needs one; the job names it, or else the last one that brought the revision."""
        found = for_launch(project)
        brought = ProjectUpdate.objects.non_polymorphic().filter(project=project, scm_revision=project.scm_revision)
        last = found or brought.filter(status="successful").order_by("-pk").first()
        if last is not None:
            job.source_project_update_id = last.pk
            job.save(update_fields=["source_project_update"])
        return [found] if found is not None else []

    @classmethod
    def lane(cls, job: InventoryUpdate) -> str:
        """Updates of one source run one after the other; those of others need not wait."""
        return f"inventory_source:{job.inventory_source_id}"

    @classmethod
    def instance_groups(cls, job: InventoryUpdate) -> Sequence[Any]:
        """The inventory's, then its organization's."""
        inventory = job.inventory
        if inventory is None:
            return []
        found = list(inventory.instance_groups.order_by("inventoryinstancegroup__position"))
        if inventory.organization is not None and not inventory.prevent_instance_group_fallback:
            found += list(inventory.organization.instance_groups.all())
        return list(dict.fromkeys(found))

    # --- preparing -----------------------------------------------------------------------------------------------

    def prepare(self) -> ScriptCommand:
        """ansible-inventory with the files of the source's kind."""
        job = self.job
        if job.inventory is None or job.inventory.pending_deletion:
            raise Refused("The inventory of the source is gone.")
        self.note_environment()
        env = {
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True", "ANSIBLE_INVENTORY_EXPORT": "True",
            "INVENTORY_SOURCE_ID": str(job.inventory_source_id), "INVENTORY_UPDATE_ID": str(job.pk),
        }  # fmt: skip
        cwd, files = self.files(env)
        try:
            target = inject_all(job.credentials.select_related("credential_type"), self.workspace)
        except CannotInject as error:
            raise Refused(str(error)) from error
        env |= target.env
        program = str(Path(sys.executable).parent / "ansible-inventory")
        argv = [program, "--list", "--export", f"--output={self.path(OUTPUT)}", "-" + "v" * (job.verbosity * 2 + 1)]
        argv += [f"--inventory={file}" for file in files]
        if job.limit:
            argv.append(f"--limit={job.limit}")
        timeout = job.timeout or int(live.get("DEFAULT_INVENTORY_UPDATE_TIMEOUT") or 0)
        hidden = sorted(target.secret_env)
        return ScriptCommand(argv=argv, cwd=cwd, env=env, hidden_env=hidden, timeout=max(timeout, 0))

    def note_environment(self) -> None:
        """The job says in which environment it runs: the source's, or the control plane's."""
        managed = ExecutionEnvironment.objects.filter(managed=True).order_by("pk").first()
        if managed is not None and self.job.execution_environment_id is None:
            self.job.execution_environment = managed
            InventoryUpdate.objects.non_polymorphic().filter(pk=self.job.pk).update(execution_environment=managed)

    def files(self, env: dict[str, str]) -> tuple[str, list[str]]:
        """The directory to work in, and what ansible-inventory is to read."""
        if self.job.source == "scm":
            return self.project_files(env)
        kind = KINDS.get(self.job.source)
        if kind is None:
            raise Refused(f"A source of the kind {self.job.source} is only filled by the command inventory_import.")
        written = []
        if self.job.source == "constructed":
            written = [str(self.input_file(number, one)) for number, one in enumerate(inputs_of(self.job.inventory))]
            if not written:
                raise Refused("The constructed inventory has no input inventories.")
        config = self.variables() | {"plugin": kind.plugin}
        written.append(str(self.workspace.write(kind.file, yaml.safe_dump(config, sort_keys=False))))
        return str(self.path()), written

    def project_files(self, env: dict[str, str]) -> tuple[str, list[str]]:
        """The source's path in the checkout of its project; its variables are the process's environment."""
        job, project = self.job, self.job.inventory_source.source_project
        if project is None:
            raise Refused("The project of the source is gone.")
        update = job.source_project_update
        revision = update.scm_revision if update is not None else ""
        try:
            root = bring.checkout(job, project, revision, self.workspace)
        except checkouts.NotThere as error:
            raise Refused(str(error), "failed") from error
        path = (root / job.source_path).resolve()  # where nothing is, ansible-inventory says so itself
        if not path.is_relative_to(root.resolve()):
            raise Refused(f"{job.source_path} is outside of the project.", "failed")
        for name, value in self.variables().items():
            if refusal(str(name)) is None and str(name) not in env:
                env[str(name)] = str(value)
        collections = [str(root / folder) for folder in ("collections", "requirements_collections")]
        found = [folder for folder in collections if os.path.isdir(folder)]
        env["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join(
            [*found, "~/.ansible/collections", "/usr/share/ansible/collections"]
        )
        InventoryUpdate.objects.non_polymorphic().filter(pk=job.pk).update(
            scm_revision=revision or project.scm_revision
        )
        return str(root), [str(path)]

    def variables(self) -> dict[str, Any]:
        """The source's variables."""
        try:
            return parse_variables(self.job.source_vars)
        except ValidationError as error:
            raise Refused(f"The variables of the source cannot be read: {error.messages[0]}") from error

    def input_file(self, number: int, inventory: Inventory) -> Path:
        """A script that prints one input inventory."""
        data = self.path(f"input_{number}.json")
        self.workspace.write(data.name, "")
        with data.open("w", encoding="utf-8") as file:
            stream_inventory(inventory, file)
        return self.workspace.write(f"input_{number}", f"#!/bin/sh\nexec cat '{data}'\n", mode=0o700)

    # --- after ---------------------------------------------------------------------------------------------------

    def finished(self, status: str) -> None:
        """Merge what was found."""
        if status == "failed":
            self.name_missing_collection()
        if status != "successful":
            return
        try:
            import_file(self.path(OUTPUT), self.job.inventory_source, self.job)
        except ImportFailed as error:
            if error.over_limit:
                InventoryUpdate.objects.non_polymorphic().filter(pk=self.job.pk).update(org_host_limit_error=True)
            raise Refused(str(error), "failed") from error

    def name_missing_collection(self) -> None:
        """A source whose plugin Ansible does not know says what has to be installed."""
        plugin = getattr(KINDS.get(self.job.source), "plugin", "")
        collection = plugin.rpartition(".")[0]
        lines = InventoryUpdateEvent.objects.filter(inventory_update=self.job.pk, job_created=self.job.created)
        if collection and lines.filter(stdout__contains=f"unknown plugin '{plugin}'").exists():
            command = f"ansible-galaxy collection install {collection}"
            raise Refused(f"The collection {collection} is not installed where the update ran: {command}", "failed")


def inputs_of(inventory: Inventory) -> list[Inventory]:
    """The inventories that a constructed one is made of, in order."""
    links = inventory.constructed_inventory_memberships.select_related("input_inventory").order_by("position", "pk")
    return [link.input_inventory for link in links if not link.input_inventory.pending_deletion]
