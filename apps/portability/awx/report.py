"""What was taken from AWX and what was not, counted by kind, with reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

SHOWN = 10  # reasons of one kind that are printed


@dataclass
class Report:
    """Counts and reasons; `lines()` is what a person reads."""

    taken: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def refuse(self, kind: str, name: object, why: str) -> None:
        """Note a row that was left out."""
        self.refused[kind].append(f"{name}: {why}")

    def lines(self) -> list[str]:
        """A table, the reasons, the notes."""
        kinds = list(dict.fromkeys([*self.taken, *self.present, *self.refused]))
        out = [f"{'':34}{'taken':>9}{'here before':>13}{'left out':>10}"]
        out += [
            f"{kind:34}{self.taken[kind]:>9}{self.present[kind]:>13}{len(self.refused.get(kind, ())):>10}"
            for kind in kinds
        ]
        for kind, reasons in self.refused.items():
            out += ["", f"Left out of {kind}:"] + [f"  {reason}" for reason in reasons[:SHOWN]]
            if len(reasons) > SHOWN:
                out.append(f"  … and {len(reasons) - SHOWN} more")
        return out + ([""] if self.notes else []) + self.notes
