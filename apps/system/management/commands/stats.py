"""`manage.py stats`: how much there is, and how fast things went lately."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.system import statistics

MOST_HOURS = 24 * 366


class Command(BaseCommand):
    """For people; `--json` for programs."""

    help = (
        "Count what there is (objects, jobs by status), and tell what happened in the last hours: jobs and events per "
        "hour, how long jobs waited and ran (median and 95th percentile), the busiest templates, the load of instances."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How far back, and the form."""
        parser.add_argument("--hours", type=float, default=24, metavar="N", help="What counts as lately (24).")
        parser.add_argument("--json", action="store_true", help="Write one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect and write."""
        if not 0 < options["hours"] <= MOST_HOURS:
            raise CommandError(f"--hours must be above 0 and at most {MOST_HOURS}.")
        found = statistics.collect(options["hours"])
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        for title, values in (("objects", found["objects"]), ("jobs", found["jobs"])):
            self.table(title, [(name.replace("_", " "), f"{number:,}") for name, number in values.items()])
        self.table(f"the last {options['hours']:g} hours", [
            (name.replace("_", " "), self.words(value)) for name, value in found["lately"].items() if name != "hours"
        ])  # fmt: skip
        self.table("busiest templates", [
            (row["name"], f"{row['jobs']:,} jobs, {row['seconds']:,} s") for row in found["busiest_templates"]
        ])  # fmt: skip
        self.table("instances", [
            (row["hostname"], f"{row['jobs']} jobs, capacity {row['capacity']}{'' if row['enabled'] else ', disabled'}")
            for row in found["instances"]
        ])  # fmt: skip

    @staticmethod
    def words(value: Any) -> str:
        """A number, two percentiles, or a dash."""
        if isinstance(value, dict):
            return ", ".join(f"{name} {'-' if number is None else number}" for name, number in value.items())
        return "-" if value is None else f"{value:,}"

    def table(self, title: str, rows: list[tuple[str, str]]) -> None:
        """Two columns under a title."""
        self.stdout.write(title)
        width = max((len(name) for name, _ in rows), default=0)
        for name, value in rows:
            self.stdout.write(f"  {name.ljust(width)}  {value}")
