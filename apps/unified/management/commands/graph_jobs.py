"""`manage.py graph_jobs`: pending and running jobs over time, drawn in the terminal."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.unified.history import History, history

CLEAR = "\x1b[H\x1b[2J"
PENDING, RUNNING, BOTH = ".", "#", "@"
GUTTER = 9  # columns left of the graph
MOST_WIDTH, MOST_HEIGHT = 400, 100


def draw(found: History, height: int) -> list[str]:
    """The graph as lines, the highest level first."""
    top = max(1, *found.pending, *found.running)
    lines = []
    for row in range(height, 0, -1):
        level = top * row / height
        below = top * (row - 1) / height
        cells = []
        for pending, running in zip(found.pending, found.running, strict=True):
            marks = (pending > below, running > below)
            cells.append(BOTH if all(marks) else PENDING if marks[0] else RUNNING if marks[1] else " ")
        lines.append(f"{level:>7.0f} |{''.join(cells)}".rstrip())
    lines.append(" " * (GUTTER - 1) + "+" + "-" * len(found.moments))
    first, last = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (found.moments[0], found.moments[-1]))
    lines.append(" " * GUTTER + first + last.rjust(max(len(last) + 1, len(found.moments) - len(first))))
    lines.append(
        f"pending {PENDING} now {found.pending[-1]}, most {max(found.pending)};  "
        f"running {RUNNING} now {found.running[-1]}, most {max(found.running)};  both {BOTH}"
    )
    return lines


class Command(BaseCommand):
    """Each drawing is one query, whatever the number of jobs."""

    help = (
        "Draw how many jobs waited and ran over the last minutes, again every few seconds until Ctrl-C. The past comes "
        "from the database, so the graph is there at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How far back, how large, how often."""
        columns, rows = shutil.get_terminal_size((100, 30))
        parser.add_argument("--minutes", type=float, default=60, metavar="N", help="How far back (60).")
        parser.add_argument("--refresh", type=float, default=2, metavar="S", help="Seconds between drawings (2).")
        parser.add_argument("--width", type=int, default=columns - GUTTER - 1, help="Columns (those of the terminal).")
        parser.add_argument("--height", type=int, default=max(5, rows - 6), help="Rows (those of the terminal).")
        parser.add_argument("--once", action="store_true", help="Draw once and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw until somebody has seen enough."""
        width, height, minutes = options["width"], options["height"], options["minutes"]
        if not (10 <= width <= MOST_WIDTH and 2 <= height <= MOST_HEIGHT):  # noqa: PLR2004  (smaller ones show nothing)
            raise CommandError(f"--width must be 10 to {MOST_WIDTH}, --height 2 to {MOST_HEIGHT}.")
        if minutes <= 0 or options["refresh"] <= 0:
            raise CommandError("--minutes and --refresh must be above 0.")
        try:
            while True:
                lines = draw(history(timedelta(minutes=minutes), width), height)
                self.stdout.write(("" if options["once"] else CLEAR) + "\n".join(lines))
                if options["once"]:
                    return
                self.stdout.flush()
                time.sleep(options["refresh"])
        except KeyboardInterrupt:
            self.stdout.write("")
