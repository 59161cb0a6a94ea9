"""`manage.py inventory_import --inventory-id 1 --source hosts.ini`: hosts of a file or script of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.inventory.models import Inventory, InventorySource, InventoryUpdate
from apps.inventory.services import counters
from apps.inventory.services.importing import ImportFailed, Wishes, import_file
from apps.inventory.services.updates import new_update
from apps.unified.services import finish

TEXTS = {
    "enabled-var": "The host variable that says whether a host is on.",
    "enabled-value": "Its value of hosts that are on.",
    "group-filter": "A regular expression that the names of groups match.",
    "host-filter": "A regular expression that the names of hosts match.",
    "instance-id-var": "The host variable with the source's id of a host.",
}


def existing(text: str) -> str:
    """An absolute path of something that is there."""
    path = Path(text).expanduser()
    if not path.exists():
        raise ArgumentTypeError(f"There is no {text}.")
    return str(path.resolve())


class Command(BaseCommand):
    """Run ansible-inventory on a source of this machine and merge what it finds."""

    help = "Import hosts and groups from an inventory file, directory or script of this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's own options."""
        which = parser.add_mutually_exclusive_group(required=True)
        self.option(which, "inventory-name", help="The name of the inventory to fill.")
        self.option(which, "inventory-id", type=int, help="The id of the inventory to fill.")
        self.option(parser, "source", type=existing, required=True, help="The file, directory or script.")
        self.option(parser, "overwrite", action="store_true", help="Remove what the source does not name any more.")
        self.option(parser, "overwrite-vars", action="store_true", help="Replace variables instead of merging them.")
        self.option(parser, "keep-vars", action="store_true", help="Merge variables, which is the default.")
        self.option(parser, "exclude-empty-groups", action="store_true", help="Leave out groups without hosts.")
        for name, text in TEXTS.items():
            self.option(parser, name, default="", help=text)

    @staticmethod
    def option(parser: Any, name: str, **facts: Any) -> None:
        """An option under both spellings, with - and with _."""
        parser.add_argument(*dict.fromkeys((f"--{name}", f"--{name.replace('-', '_')}")), **facts)

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the hosts, then merge them; the update is noted in the inventory's only source of the kind `file`."""
        if options["keep_vars"] and options["overwrite_vars"]:
            raise CommandError("--keep-vars and --overwrite-vars exclude each other.")
        update = self.begin(self.inventory(options), options)
        try:
            with tempfile.TemporaryDirectory(prefix="awx-lite-import-") as place:
                found = Path(place) / "found.json"
                self.find(options["source"], found)
                chosen = (options[name] for name in ("instance_id_var", "group_filter", "exclude_empty_groups"))
                wishes = Wishes(*chosen, progress=self.bar if self.stderr.isatty() else None)
                result = import_file(found, update.inventory_source, update, wishes)
        except (ImportFailed, CommandError) as error:
            finish(update, "failed", str(error))
            raise CommandError(str(error)) from error
        finish(update, "successful")
        counters.queue([update.inventory_id])
        self.stdout.write(
            f"Hosts: {result.hosts_added} new, {result.hosts_removed} removed. "
            f"Groups: {result.groups_added} new, {result.groups_removed} removed."
        )

    def bar(self, share: float) -> None:
        """How far the hosts are read, on a terminal."""
        done = round(share * 40)
        self.stderr.write(f"\r[{'#' * done}{'.' * (40 - done)}] {share:4.0%}", ending="\n" if share == 1 else "")

    @staticmethod
    def inventory(options: dict[str, Any]) -> Inventory:
        """The inventory to fill."""
        name, pk = options["inventory_name"], options["inventory_id"]
        found = Inventory.objects.filter(pk=pk) if pk is not None else Inventory.objects.filter(name=name)
        if found.count() != 1:
            raise CommandError("There is no such inventory." if not found else "Several inventories have this name.")
        inventory = found.get()
        if inventory.is_computed or inventory.pending_deletion:
            raise CommandError("Hosts cannot be imported into this inventory.")
        return inventory

    @staticmethod
    def begin(inventory: Inventory, options: dict[str, Any]) -> InventoryUpdate:
        """The source, made when it is first needed, and a running update of it."""
        source = InventorySource.objects.filter(inventory=inventory, source="file").first()
        source = source or InventorySource(inventory=inventory, source="file", name="inventory_import")
        source.source_path = options["source"][:1024]
        for name in ("overwrite", "overwrite_vars", "enabled_var", "enabled_value", "host_filter"):
            setattr(source, name, options[name])
        source.save()
        counters.count_sources([inventory.pk])
        update = new_update(source, job_args=json.dumps(sys.argv), job_cwd=os.getcwd())
        update.status, update.started = "running", timezone.now()
        update.save(update_fields=["status", "started"])
        return update

    def find(self, source: str, found: Path) -> None:
        """Run ansible-inventory."""
        program = str(Path(sys.executable).parent / "ansible-inventory")
        argv = [program, "--list", "--export", f"--inventory={source}", f"--output={found}"]
        env = {**os.environ, "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True", "ANSIBLE_INVENTORY_EXPORT": "True"}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)  # noqa: S603  (a list, no shell)
        if done.returncode:
            raise CommandError(f"ansible-inventory failed:\n{done.stderr[-4000:]}")
