"""`manage.py host_metric`: the automated machines as a table, JSON, CSV or a tarball of CSV files."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q, Sum
from django.utils import timezone

from apps.core.csvfiles import copy_out, copy_slices, pack
from apps.core.progress import Progress
from apps.core.serializers import iso
from apps.inventory.models import HostMetric

COLUMNS = (
    "id", "hostname", "first_automation", "last_automation", "automated_counter", "last_deleted", "deleted_counter",
    "deleted", "used_in_inventories",
)  # fmt: skip
SQL = f"""
SELECT {", ".join(COLUMNS)} FROM inventory_hostmetric
WHERE last_automation >= %(since)s AND last_automation < %(until)s ORDER BY hostname
"""  # noqa: S608  (column names are constants)


def day(text: str) -> date:
    """A date as YYYY-MM-DD."""
    return date.fromisoformat(text)


class Command(BaseCommand):
    """The rows go from the database to the file one by one."""

    help = (
        "Show the machines that were automated, each counted once whatever the number of its inventories. Without an "
        "output flag: how many, and how many still count."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags, and where the tarball goes."""
        parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="Last automated on this day or later.")
        parser.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="Last automated on this day or earlier.")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Write a JSON list.")
        form.add_argument("--csv", action="store_true", help="Write CSV.")
        form.add_argument("--tarball", action="store_true", help="Write CSV files into a tar.gz and say where it is.")
        parser.add_argument(
            "--rows_per_file", type=int, default=10_000, metavar="N", help="Rows of each file in the tarball (10,000)."
        )
        parser.add_argument("--directory", default=".", help="Where the tarball is put (here).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what was asked for."""
        window = self.window(options["since"], options["until"])
        if options["csv"]:
            copy_out(SQL, window, Lines(self.stdout))
        elif options["json"]:
            self.write_json(window)
        elif options["tarball"]:
            self.write_tarball(window, options["rows_per_file"], Path(options["directory"]))
        else:
            self.write_counts(window)

    @staticmethod
    def window(since: date | None, until: date | None) -> dict[str, datetime]:
        """The moments between which a machine was last automated; `until` is a whole day."""
        if since and until and until < since:
            raise CommandError("--until must not be before --since.")
        end = until + timedelta(days=1) if until else timezone.now().date() + timedelta(days=1)
        return {
            "since": datetime.combine(since or date.min, time.min, UTC),
            "until": datetime.combine(end, time.min, UTC),
        }

    @staticmethod
    def rows(window: dict[str, datetime]) -> Any:
        """The machines."""
        return HostMetric.objects.filter(last_automation__gte=window["since"], last_automation__lt=window["until"])

    def write_json(self, window: dict[str, datetime]) -> None:
        """A list, one row a line."""
        found, separator = self.rows(window).order_by("hostname").values(*COLUMNS).iterator(2000), "["
        for row in found:
            plain = {name: iso(value) if isinstance(value, datetime) else value for name, value in row.items()}
            self.stdout.write(f"{separator}\n{json.dumps(plain)}", ending="")
            separator = ","
        self.stdout.write("\n]" if separator == "," else "[]")

    def write_tarball(self, window: dict[str, datetime], rows: int, directory: Path) -> None:
        """CSV files of so many rows, packed; only the owner reads the tarball."""
        if rows < 1:
            raise CommandError("--rows_per_file must be at least 1.")
        if not directory.is_dir():
            raise CommandError(f"{directory} is no directory.")
        path = directory / f"host_metrics-{timezone.now():%Y%m%d-%H%M%S}.tar.gz"
        with Progress("packing"), tempfile.TemporaryDirectory(prefix="host-metrics-") as place:
            out = copy_slices(SQL, window, Path(place), "host_metric", rows=rows)
            pack(path, out.files)
        self.stdout.write(f"{out.rows} machines in {len(out.files)} files: {path.resolve()}")

    def write_counts(self, window: dict[str, datetime]) -> None:
        """A few numbers."""
        found = self.rows(window).aggregate(
            total=Count("pk"), counting=Count("pk", filter=Q(deleted=False)), runs=Sum("automated_counter")
        )
        self.stdout.write(f"machines automated  {found['total']:,}")
        self.stdout.write(f"  that still count  {found['counting']:,}")
        self.stdout.write(f"times automated     {found['runs'] or 0:,}")


class Lines:
    """Text output that COPY can write bytes to."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, line: bytes) -> int:
        """One row."""
        self.stream.write(line.decode(), ending="")
        return len(line)
