"""Inventories: importing hosts, writing them for a job, listing them, deleting them; beside ansible-inventory itself.

    DATABASE_URL=… REDIS_URL=… python -m benchmarks.inventory [--hosts 10000] [--plain]

It works in an inventory of its own, which it removes. `--plain` leaves out ansible-inventory, which takes minutes for
100,000 hosts. All figures are of this machine, now.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")


def found_by(number: int) -> dict[str, Any]:
    """What ansible-inventory would write of `number` hosts in a hundred groups."""
    hosts = {
        f"host-{n:06}": {"rack": n % 40, "role": f"role{n % 7}", "ip": f"10.0.{n // 250}.{n % 250}"}
        for n in range(number)
    }
    groups: dict[str, Any] = {
        f"g{g:02}": {"hosts": [f"host-{n:06}" for n in range(g, number, 100)]} for g in range(100)
    }
    return {"_meta": {"hostvars": hosts}, "all": {"children": [*groups]}, **groups}


def timed(name: str, action: Callable[[], Any]) -> Any:
    """Do something, and print how long it took."""
    began = time.monotonic()
    out = action()
    print(f"{name:<58} {time.monotonic() - began:8.2f} s")
    return out


def peak(name: str, action: Callable[[], Any]) -> None:
    """Do something, and print the most memory that Python held in between."""
    tracemalloc.start()
    action()
    print(f"{name:<58} {tracemalloc.get_traced_memory()[1] / 1e6:8.1f} MB")
    tracemalloc.stop()


def ansible(script: Path) -> None:
    """What nobody can do without: ansible-inventory reading the hosts."""
    program = str(Path(sys.executable).parent / "ansible-inventory")
    subprocess.run([program, "-i", str(script), "--list"], check=True, capture_output=True)


def measure(place: Path, number: int, *, plain: bool) -> None:
    """All figures for one size."""
    from apps.identity.models import Organization
    from apps.inventory.models import Host, Inventory, InventorySource
    from apps.inventory.services import deletion
    from apps.inventory.services.importing import import_file

    organization = Organization.objects.create(name=f"benchmark {os.getpid()} {number}")
    inventory = Inventory.objects.create(name="benchmark", organization=organization)
    source = InventorySource.objects.create(name="s", inventory=inventory, source="scm", overwrite=True)
    data = place / "found.json"
    data.write_text(json.dumps(found_by(number), indent=4, sort_keys=True))
    print(f"\n{number} hosts in 100 groups")
    try:
        timed("import, all new", lambda: import_file(data, source, source))
        timed("import, nothing changed", lambda: import_file(data, source, source))
        timed("json.load of the same file alone", lambda: json.loads(data.read_text()))
        runs(place, inventory, plain=plain)
        lists(inventory)
        smart(place, organization)
    finally:
        Inventory.objects.filter(pk=inventory.pk).update(pending_deletion=True)
        timed("deleted", lambda: deletion.delete_now(inventory.pk))
        organization.delete()
        assert not Host.objects.filter(inventory=inventory.pk).exists()


def runs(place: Path, inventory: Any, *, plain: bool) -> None:
    """Writing the inventory for a job."""
    from apps.inventory.services.script import stream_inventory

    output = place / "hosts.json"

    def write() -> None:
        with output.open("w") as file:
            stream_inventory(inventory, file)

    timed("written for a job", write)
    peak("written for a job, memory", write)
    if not plain:
        script = place / "hosts"
        script.write_text(f"#!/bin/sh\nexec cat '{output}'\n")
        script.chmod(0o700)
        timed("ansible-inventory alone, reading that", lambda: ansible(script))


def lists(inventory: Any) -> None:
    """Pages of hosts."""
    from rest_framework.test import APIClient

    from apps.identity.models import User

    client = APIClient()
    client.force_authenticate(User(username="benchmark", is_superuser=True, pk=0))
    url = f"/api/v2/inventories/{inventory.pk}/hosts/?page_size=50"
    text = f"/api/v2/hosts/?inventory={inventory.pk}&host_filter=name__startswith=host-0000 and groups__name=g07"
    client.get(url)
    timed("list of 50 hosts", lambda: client.get(url))
    timed("list of 50 hosts, filtered by a group", lambda: client.get(f"{url}&groups__name=g07"))
    timed("host_filter by name and group", lambda: client.get(text))


def smart(place: Path, organization: Any) -> None:
    """A smart inventory that finds every host."""
    from rest_framework.test import APIClient

    from apps.identity.models import User
    from apps.inventory.models import Inventory
    from apps.inventory.services import counters
    from apps.inventory.services.script import stream_inventory

    found = Inventory.objects.create(
        name="smart", organization=organization, kind="smart", host_filter="name__startswith=host-"
    )
    client = APIClient()
    client.force_authenticate(User(username="benchmark", is_superuser=True, pk=0))
    output = place / "smart.json"

    def write() -> None:
        with output.open("w") as file:
            stream_inventory(found, file)

    timed("smart: 50 hosts", lambda: client.get(f"/api/v2/inventories/{found.pk}/hosts/?page_size=50"))
    timed("smart: counted, members written down", lambda: counters.count_smart([found.pk]))
    timed("smart: written for a job", write)
    found.delete()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10_000])
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    import django

    django.setup()
    with tempfile.TemporaryDirectory() as place:
        for number in given.hosts:
            measure(Path(place), number, plain=given.plain)


if __name__ == "__main__":
    main()
