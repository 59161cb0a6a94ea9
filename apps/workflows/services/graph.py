"""The graph of a workflow as plain data: which nodes run now, which never will, how it ended. No queries here."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SUCCESS, FAILURE, ALWAYS = "success_nodes", "failure_nodes", "always_nodes"
KINDS = (SUCCESS, FAILURE, ALWAYS)
FAILED = ("failed", "error", "canceled")
FINISHED = ("successful", *FAILED)


@dataclass
class Node:
    """One step as the graph sees it."""

    pk: int
    status: str = ""  # of its job; empty while it has none
    skipped: bool = False  # marked "do not run"
    empty: bool = False  # its template is gone: it counts as failed
    converge: bool = False  # runs only if every parent leads here

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.skipped or self.status in FINISHED or (self.empty and not self.status)

    @property
    def failed(self) -> bool:
        """Whether its failure path is taken."""
        return not self.skipped and (self.status in FAILED or (self.empty and not self.status))

    @property
    def untouched(self) -> bool:
        """Whether it could still run."""
        return not self.skipped and not self.status and not self.empty

    def leads_by(self, kind: str) -> bool:
        """Whether an edge of this kind is followed, now that it has finished."""
        if self.skipped:
            return False
        return kind in (ALWAYS, FAILURE if self.failed else SUCCESS)


@dataclass
class Graph:
    """Nodes and edges; `children[pk]` and `parents[pk]` are [(kind, pk), …]."""

    nodes: dict[int, Node]
    children: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    parents: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, nodes: Iterable[Node], edges: Mapping[str, Iterable[tuple[int, int]]]) -> Graph:
        """From nodes and {kind: [(parent, child), …]}."""
        graph = cls({node.pk: node for node in nodes})
        for kind, pairs in edges.items():
            for parent, child in pairs:
                graph.children[parent].append((kind, child))
                graph.parents[child].append((kind, parent))
        return graph

    @property
    def roots(self) -> list[int]:
        """The nodes that nothing leads to."""
        return [pk for pk in self.nodes if not self.parents[pk]]

    def in_order(self) -> list[int]:
        """The nodes reachable from the roots, parents before children; nodes of a cycle are left out."""
        waiting = {pk: len(self.parents[pk]) for pk in self.nodes}
        queue, out = deque(self.roots), []
        while queue:
            pk = queue.popleft()
            out.append(pk)
            for _, child in self.children[pk]:
                waiting[child] -= 1
                if not waiting[child]:
                    queue.append(child)
        return out

    def has_cycle(self) -> bool:
        """Whether a path from a root comes back, or nothing is a root; a cycle apart is let through as in AWX."""
        if self.nodes and not self.roots:
            return True
        done: set[int] = set()
        for root in self.roots:
            stack: list[tuple[int, list[int]]] = [(root, self.next_of(root))]
            path = {root}
            while stack:
                pk, rest = stack[-1]
                if not rest:
                    stack.pop()
                    path.discard(pk)
                    done.add(pk)
                    continue
                child = rest.pop()
                if child in path:
                    return True
                if child not in done:
                    path.add(child)
                    stack.append((child, self.next_of(child)))
        return False

    def next_of(self, pk: int) -> list[int]:
        """Ids of the children."""
        return [child for _, child in self.children[pk]]

    def called(self, pk: int) -> bool:
        """Whether, all parents having finished, they let the node run: any of them, or every one where it converges."""
        leads = [self.nodes[parent].leads_by(kind) for kind, parent in self.parents[pk]]
        return not leads or (all(leads) if self.nodes[pk].converge else any(leads))

    def advance(self) -> tuple[list[int], list[int]]:
        """(nodes to run now, nodes that never will run); the latter are marked here."""
        run, skip, settled = [], [], set()
        for pk in self.in_order():
            node = self.nodes[pk]
            ready = all(parent in settled for _, parent in self.parents[pk])
            if ready and not node.skipped and not node.status and not self.called(pk):
                node.skipped = True
                skip.append(pk)
            elif ready and node.untouched:
                run.append(pk)
            if ready and node.finished:
                settled.add(pk)
        return run, skip

    @property
    def busy(self) -> bool:
        """Whether a job of it still runs or waits."""
        return any(node.status and node.status not in FINISHED for node in self.nodes.values())

    def settled(self) -> set[int]:
        """The nodes of an ended run that stay as they are when the rest of it runs again.

        They were successful, or never called, and so was all that leads to them: what follows a failure is open again.
        """
        out: set[int] = set()
        for pk in self.in_order():
            node = self.nodes[pk]
            if (node.skipped or node.status == "successful") and all(parent in out for _, parent in self.parents[pk]):
                out.add(pk)
        return out

    def unhandled(self) -> tuple[list[int], list[int]]:
        """Failed nodes that no failure or always path follows: (those with a job, those without a template)."""
        lost = [n for n in self.nodes.values() if n.failed and all(kind == SUCCESS for kind, _ in self.children[n.pk])]
        return [n.pk for n in lost if n.status], [n.pk for n in lost if not n.status]
