"""Collecting: every document and table into files, the files into one private tarball."""

from __future__ import annotations

import csv
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.conf import live
from apps.conf.services import change
from apps.core.csvfiles import copy_slices, pack
from apps.core.serializers import iso

from .facts import FACTS, Window
from .tables import TABLES

LONGEST = timedelta(days=28)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Bundle:
    """What was collected."""

    path: Path
    window: Window
    names: list[str]


def window(since: datetime | None, until: datetime | None, kind: str = "manual") -> Window:
    """The time to report: since the last report, at most four weeks. ValueError for one that ends before it begins."""
    end = min(until or timezone.now(), timezone.now())
    last = live.get("AUTOMATION_ANALYTICS_LAST_GATHER")
    last = parse_datetime(last) if isinstance(last, str) else last
    begin = max(since or last or end - LONGEST, end - LONGEST)
    if begin >= end:
        raise ValueError("The time to report ends before it begins.")
    return Window(begin, end, kind)


def gather(asked: Window, directory: Path, say: Say = lambda what: None) -> Bundle:
    """Collect everything as it is at one moment; the tarball is readable by its owner alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{live.get('INSTALL_UUID')}-{asked.until:%Y-%m-%d-%H%M%S.%f%z}-{os.getpid()}.tar.gz"
    status: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="analytics-", dir=directory) as place:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            files = [
                file for collector in (*FACTS, *TABLES) for file in collect(collector, asked, Path(place), status, say)
            ]
        versions = {file.name: version for file, version in files}
        files.append((write_status(Path(place), status), ""))
        versions["data_collection_status.csv"] = "1.0"
        manifest = Path(place, "manifest.json")
        manifest.write_text(json.dumps(versions), encoding="utf-8")
        path = pack(directory / name, [manifest, *(file for file, _ in files)])
    return Bundle(path, asked, sorted(versions))


def collect(
    collector: Any, asked: Window, place: Path, status: list[dict[str, Any]], say: Say
) -> list[tuple[Path, str]]:
    """The files of one fact or table, each with its version; how long it took is noted."""
    say(collector.name)
    begun = time.monotonic()
    if hasattr(collector, "sql"):
        files = copy_slices(collector.sql, asked.values, place, collector.name).files
    else:
        files = [place / f"{collector.name}.json"]
        files[0].write_text(json.dumps(collector.collect(asked), cls=DjangoJSONEncoder), encoding="utf-8")
    status.append(
        {
            "collection_start_timestamp": iso(asked.until),
            "since": iso(asked.since),
            "until": iso(asked.until),
            "file_name": collector.name,
            "status": "ok",
            "elapsed": round(time.monotonic() - begun, 3),
        }
    )
    return [(file, collector.version) for file in files]


def write_status(place: Path, status: list[dict[str, Any]]) -> Path:
    """data_collection_status.csv."""
    path = place / "data_collection_status.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(status[0]))
        writer.writeheader()
        writer.writerows(status)
    return path


def remember(bundle: Bundle) -> None:
    """The next report begins where this one ended."""
    change({"AUTOMATION_ANALYTICS_LAST_GATHER": bundle.window.until})
