"""A line that says how far a long command is: on a terminal only, where it replaces itself."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

CLEAR = "\r\x1b[2K"
WIDTH = 30  # of the bar, in characters
PAUSE = 0.1  # seconds between two drawings


class Progress:
    """`with Progress("hosts", total) as bar: bar.advance()`; without a total it only counts."""

    def __init__(self, what: str, total: int | None = None, stream: TextIO | None = None) -> None:
        self.what, self.total, self.done = what, total, 0
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.drawn = 0.0
        self.begun = time.monotonic()

    def __enter__(self) -> Progress:
        self.draw()
        return self

    def __exit__(self, *failure: Any) -> None:
        if self.live:
            self.stream.write(CLEAR)
            self.stream.flush()

    def advance(self, number: int = 1, what: str = "") -> None:
        """So much more is done."""
        self.done += number
        self.what = what or self.what
        if time.monotonic() - self.drawn >= PAUSE:
            self.draw()

    def line(self) -> str:
        """What it says now."""
        rate = self.done / max(time.monotonic() - self.begun, 1e-6)
        if not self.total:
            return f"{self.what} {self.done:,} ({rate:,.0f}/s)"
        share = min(1.0, self.done / self.total)
        bar = ("#" * int(share * WIDTH)).ljust(WIDTH, ".")
        return f"{self.what} [{bar}] {self.done:,}/{self.total:,} {share:4.0%} ({rate:,.0f}/s)"

    def draw(self) -> None:
        """Write the line, where somebody looks."""
        if self.live:
            self.drawn = time.monotonic()
            self.stream.write(f"{CLEAR}{self.line()}")
            self.stream.flush()
