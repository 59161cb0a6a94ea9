"""The fact cache: facts of hosts as files for a run, and what the run changed back into the database.

Files have the form of ansible-core 2.19's `jsonfile` plugin: `s1_<host>` holding {"__payload__": "<JSON>"}.
Only what a run changed is written back, host by host, and never over something newer: jobs that run at the same time
neither erase each other's facts nor wait for each other in a circle (rows are locked in order of their ids).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Q
from django.db.models.functions import Cast
from django.utils import timezone

from apps.conf import live
from apps.inventory.models import Group, Host, HostFacts, Inventory

from .graph import DOWN
from .script import Options, chosen_hosts

PREFIX = "s1_"
PAYLOAD = "__payload__"
MANIFEST = ".written.json"
BATCH = 200
MAX_NAME = 200
NAMES_ONLY = re.compile(r"^[\w.,\- ]+$")
TAGGED = "__ansible_type"

LOCK = "SELECT id FROM inventory_host WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
STORE = """
WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::jsonb[]) AS g(id, at, data)),
fresh AS (
  UPDATE inventory_host h SET ansible_facts_modified = g.at FROM given g
  WHERE h.id = g.id AND (h.ansible_facts_modified IS NULL OR h.ansible_facts_modified < g.at)
  RETURNING h.id
)
INSERT INTO inventory_hostfacts (host_id, data) SELECT g.id, g.data FROM given g JOIN fresh f ON f.id = g.id
ON CONFLICT (host_id) DO UPDATE SET data = EXCLUDED.data
"""


def hosts_with_facts(job: Any) -> Any:
    """The hosts whose facts a job may use: of its slice, and of its limit where that is a list of names."""
    options = Options(slice_number=job.job_slice_number, slice_count=job.job_slice_count)
    rows = chosen_hosts(job.inventory, options)
    if job.limit and NAMES_ONLY.match(job.limit) and "all" not in (names := job.limit.replace(",", " ").split()):
        groups = list(Group.objects.filter(inventory=job.inventory, name__in=names).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(DOWN, [groups])
            below = [pk for (pk,) in cursor.fetchall()]
        members = Group.hosts.through.objects.filter(group_id__in=below).values("host_id")
        rows = rows.filter(Q(name__in=names) | Q(pk__in=members))
    return rows


def origin(inventory: Inventory, rows: Any) -> Any:
    """Where the facts of hosts are kept: hosts of a constructed inventory share those of the hosts they stand for."""
    if inventory.kind != "constructed":
        return rows.values_list("name", "pk")
    real = rows.filter(instance_id__regex=r"^[0-9]{1,18}$").annotate(real=Cast("instance_id", BigIntegerField()))
    return real.values_list("name", "real")


def usable(name: str) -> bool:
    """Whether a host's name can be the name of a file."""
    return bool(name) and "/" not in name and "\0" not in name and len(name.encode()) <= MAX_NAME


def write_facts(job: Any, directory: Path) -> None:
    """One file a host for the facts that are not too old; each has the time at which the facts were found."""
    written: dict[str, int] = {}
    age = int(live.get("ANSIBLE_FACT_CACHE_TIMEOUT") or 0)
    oldest = timezone.now() - timedelta(seconds=age) if age > 0 else None
    for names in batches(origin(job.inventory, hosts_with_facts(job)).iterator(BATCH)):
        wanted = {pk: name for name, pk in names if usable(name)}
        rows = HostFacts.objects.filter(host__in=wanted).select_related("host")
        if oldest is not None:
            rows = rows.filter(host__ansible_facts_modified__gte=oldest)
        for found in rows:
            name, at = wanted[found.host_id], found.host.ansible_facts_modified or timezone.now()
            path = directory / f"{PREFIX}{name}"
            path.write_text(json.dumps({PAYLOAD: json.dumps(found.data)}), encoding="utf-8")
            moment = int(at.timestamp() * 1_000_000) * 1_000
            os.utime(path, ns=(moment, moment))
            written[name] = moment
    (directory / MANIFEST).write_text(json.dumps(written), encoding="utf-8")


def batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Rows, some hundred at a time."""
    held = []
    for row in rows:
        held.append(row)
        if len(held) >= BATCH:
            yield held
            held = []
    if held:
        yield held


def read_facts(job: Any, directory: Path) -> None:
    """Store what a run changed; facts that it cleared are cleared. Calling it twice changes nothing more."""
    if job.inventory is None or not directory.is_dir():
        return
    manifest = directory / MANIFEST
    written: dict[str, int] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    seen: set[str] = set()
    for entries in batches(changed(directory, written, seen)):
        ids = dict(
            origin(job.inventory, chosen_hosts(job.inventory, Options()).filter(name__in=[e[0] for e in entries]))
        )
        store(sorted((ids[name], at, facts) for name, at, facts in entries if name in ids))
    for names in batches(iter([name for name in written if name not in seen])):
        ids = dict(origin(job.inventory, chosen_hosts(job.inventory, Options()).filter(name__in=names)))
        clear({ids[name]: written[name] for name in names if name in ids})


def changed(directory: Path, written: dict[str, int], seen: set[str]) -> Iterator[tuple[str, datetime, str]]:
    """(host, time, facts as JSON) of the files that are not as they were written."""
    for entry in os.scandir(directory):
        if not entry.name.startswith(PREFIX) or not entry.is_file(follow_symlinks=False):
            continue
        name, moment = entry.name[len(PREFIX) :], entry.stat(follow_symlinks=False).st_mtime_ns
        seen.add(name)
        if written.get(name) == moment:
            continue
        facts = parse(Path(entry.path))
        if facts is not None:
            yield name, datetime.fromtimestamp(moment / 1_000_000_000, UTC), facts


def parse(path: Path) -> str | None:
    """The facts of one file as plain JSON; None where the file is none of the plugin's."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        facts = json.loads(content[PAYLOAD]) if isinstance(content, dict) and PAYLOAD in content else content
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(facts, dict):
        return None
    return json.dumps(untagged(facts)).replace("\\u0000", "")


def untagged(value: Any) -> Any:
    """Values without the tags that ansible-core puts around them."""
    if isinstance(value, dict):
        if TAGGED in value:
            return untagged(value.get("value"))
        return {key: untagged(inner) for key, inner in value.items()}
    return [untagged(inner) for inner in value] if isinstance(value, list) else value


def store(rows: list[tuple[int, datetime, str]]) -> None:
    """Write facts, unless there are newer ones by now."""
    if not rows:
        return
    ids, times, facts = (list(column) for column in zip(*rows, strict=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
        cursor.execute(STORE, [ids, times, facts])


def clear(found: dict[int, int]) -> None:
    """Drop facts that a run cleared, where they are still those that the run was given."""
    for pk in sorted(found):
        at = datetime.fromtimestamp(found[pk] / 1_000_000_000, UTC)
        with transaction.atomic():
            rows = Host.objects.filter(pk=pk, ansible_facts_modified__lte=at + timedelta(milliseconds=1))
            if rows.update(ansible_facts_modified=timezone.now()):
                HostFacts.objects.filter(host=pk).delete()
