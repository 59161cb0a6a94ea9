"""Workflows as one would work them out on paper: what the graph and its steps are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from apps.workflows.services.graph import ALWAYS, FAILURE, SUCCESS

SKIPPED = "skipped"


@dataclass(frozen=True)
class Plan:
    """A graph whose edges lead from lower to higher numbers, and how each job would end."""

    outcomes: tuple[str, ...]  # by node; "" for a node without a template
    converge: frozenset[int]
    edges: Mapping[tuple[int, int], str] = field(hash=False)  # {(parent, child): kind}

    @property
    def nodes(self) -> range:
        """The numbers of the nodes."""
        return range(len(self.outcomes))

    def by_kind(self) -> dict[str, list[tuple[int, int]]]:
        """The edges as the graph takes them."""
        out: dict[str, list[tuple[int, int]]] = {SUCCESS: [], FAILURE: [], ALWAYS: []}
        for pair, kind in self.edges.items():
            out[kind].append(pair)
        return out


def ends(plan: Plan) -> dict[int, str]:
    """{node: how its job ended, "" without a template, or skipped}, by recursion over the parents."""

    @cache
    def end(node: int) -> str:
        leads = [follows(end(parent), kind) for (parent, child), kind in plan.edges.items() if child == node]
        called = (all(leads) if node in plan.converge else any(leads)) if leads else True
        return plan.outcomes[node] if called else SKIPPED

    return {node: end(node) for node in plan.nodes}


def follows(ended: str, kind: str) -> bool:
    """Whether an edge of this kind is taken from a node that ended so."""
    if ended == SKIPPED:
        return False
    return kind == ALWAYS or (kind == SUCCESS) == (ended == "successful")


def verdict(plan: Plan) -> str:
    """How the workflow ends: failed where a failure has no path of its own."""
    for node, ended in ends(plan).items():
        kinds = {kind for (parent, _), kind in plan.edges.items() if parent == node}
        if ended not in (SKIPPED, "successful") and not kinds & {FAILURE, ALWAYS}:
            return "failed"
    return "successful"
