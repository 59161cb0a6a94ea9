"""What a person sees: lines, a status line on a terminal, the report at the end."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from .running import Result

CLEAR = "\r\x1b[2K"


class Screen:
    """Lines of the flow and output of the job share a terminal with one line of status, where there is a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()
        self.shown = False

    def say(self, line: str) -> None:
        """One line of the flow."""
        self.write(line + "\n")

    def out(self, text: str) -> None:
        """Output of the playbook."""
        self.write(text if text.endswith("\n") else text + "\n")

    def status(self, line: str) -> None:
        """Replace the line of status."""
        if self.live:
            self.stream.write(f"{CLEAR}{line}")
            self.stream.flush()
            self.shown = True

    def write(self, text: str) -> None:
        """Text above the line of status."""
        if self.shown:
            self.stream.write(CLEAR)
            self.shown = False
        self.stream.write(text)
        self.stream.flush()


def report(result: Result) -> list[str]:
    """The summary."""
    out = ["", f"{result.template}: {result.status} in {result.seconds:.1f} s"]
    for number, run in enumerate(result.runs, 1):
        why = f"  {run['job_explanation']}" if run.get("job_explanation") else ""
        out.append(
            f"  run {number}: {run['type']} {run['id']} {run['status']}, {float(run['elapsed'] or 0):.1f} s{why}"
        )
    if result.hosts:
        out += ["", f"  {'host':32}{'ok':>6}{'changed':>9}{'failed':>8}{'unreachable':>13}{'skipped':>9}"]
        for row in sorted(result.hosts, key=lambda row: (not row["failed"], row["host_name"])):
            counts = f"{row['ok']:>6}{row['changed']:>9}{row['failures']:>8}{row['dark']:>13}{row['skipped']:>9}"
            out.append(f"  {row['host_name'][:31]:32}{counts}")
    if result.steps:
        out += ["", f"  {'step':32}status"]
        out += [f"  {(step['template'] or step['node'])[:31]:32}{step['status']}" for step in result.steps]
    return out


def write(result: Result, path: str) -> None:
    """The report as JSON."""
    whole: dict[str, Any] = {**asdict(result), "status": result.status}
    Path(path).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
