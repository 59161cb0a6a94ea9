"""Any workflow, any outcome, any order, any crash: it ends as the interpreter on paper says."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJob, WorkflowJobTemplate, WorkflowJobTemplateNode
from apps.workflows.services import launching, relaunching, spawning, stepping
from apps.workflows.services.graph import KINDS, Graph, Node

from .interpreter import SKIPPED, Plan, ends, verdict

OUTCOMES = ("successful", "failed", "error", "canceled", "")


@st.composite
def plans(draw: Any, most: int = 9) -> Plan:
    """A random graph with random outcomes."""
    size = draw(st.integers(1, most))
    pairs = [(a, b) for b in range(size) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Plan(
        outcomes=tuple(draw(st.lists(st.sampled_from(OUTCOMES), min_size=size, max_size=size))),
        converge=frozenset(draw(st.sets(st.integers(0, size - 1)))),
        edges={pair: draw(st.sampled_from(KINDS)) for pair in chosen},
    )


def some_plan(seed: int) -> Plan:
    """The same for tests with a database, which take a number."""
    chance = random.Random(seed)  # noqa: S311
    size = chance.randint(3, 7)
    pairs = [(a, b) for b in range(size) for a in range(b) if chance.random() < 0.45]
    return Plan(
        outcomes=tuple(chance.choice((*OUTCOMES, "successful", "failed")) for _ in range(size)),
        converge=frozenset(n for n in range(size) if chance.random() < 0.4),
        edges={pair: chance.choice(KINDS) for pair in pairs},
    )


def graph_of(plan: Plan, state: dict[int, str]) -> Graph:
    """The graph as it would be read from the database."""
    nodes = [
        Node(
            n, "" if state.get(n) == SKIPPED else state.get(n, ""), skipped=state.get(n) == SKIPPED,
            empty=plan.outcomes[n] == "", converge=n in plan.converge,
        )
        for n in plan.nodes
    ]  # fmt: skip
    return Graph.of(nodes, plan.by_kind())


@settings(max_examples=400, deadline=None)
@given(plan=plans(), chance=st.randoms(use_true_random=False))
def test_every_order_of_endings_leads_to_the_same_end(plan: Plan, chance: random.Random) -> None:
    state: dict[int, str] = {}
    for _turn in range(10 * len(plan.outcomes)):
        graph = graph_of(plan, state)
        run, skip = graph.advance()
        assert not set(run) & set(skip)
        assert not (set(run) | set(skip)) & set(state), "something is started or skipped a second time"
        state |= dict.fromkeys(run, "running") | dict.fromkeys(skip, SKIPPED)
        busy = [n for n, status in state.items() if status == "running"]
        if not busy and not run:
            break
        for n in chance.sample(busy, chance.randint(1, len(busy))) if busy else ():
            state[n] = plan.outcomes[n]
    expected = ends(plan)
    assert {n: state.get(n, "") for n in plan.nodes} == expected
    final = graph_of(plan, state)
    assert not final.busy
    assert ("failed" if any(final.unhandled()) else "successful") == verdict(plan)


@settings(max_examples=300, deadline=None)
@given(plan=plans())
def test_what_is_kept_at_a_relaunch_would_run_and_end_the_same(plan: Plan) -> None:
    state = ends(plan)
    kept = graph_of(plan, state).settled()
    for n in kept:
        assert state[n] in ("successful", SKIPPED)
        assert all(parent in kept for (parent, child) in plan.edges if child == n)
    better = Plan(tuple(plan.outcomes[n] if n in kept else "successful" for n in plan.nodes), plan.converge, plan.edges)
    assert {n: end for n, end in ends(better).items() if n in kept} == {n: state[n] for n in kept}


class DiedError(Exception):
    """The worker dies here."""


class Stage:
    """A plan as a workflow in the database."""

    def __init__(self, plan: Plan, template: Any, organization: Any) -> None:
        self.plan = plan
        self.workflow = WorkflowJobTemplate.objects.create(name="random", organization=organization)
        made = {
            n: WorkflowJobTemplateNode.objects.create(
                workflow_job_template=self.workflow, identifier=str(n), all_parents_must_converge=n in plan.converge,
                unified_job_template=template if plan.outcomes[n] else None,
            )
            for n in plan.nodes
        }  # fmt: skip
        for (parent, child), kind in plan.edges.items():
            getattr(made[parent], kind).add(made[child])
        self.begin(launching.launch(self.workflow))

    def begin(self, job: WorkflowJob) -> None:
        """As the dispatcher does."""
        self.job = job
        UnifiedJob.objects.non_polymorphic().filter(pk=job.pk).update(status="running")

    def end_some(self, chance: random.Random) -> None:
        """Some of the running jobs end."""
        nodes = self.job.workflow_job_nodes.filter(job__status__in=("pending", "waiting", "running")).order_by("pk")
        busy = list(nodes)
        for node in chance.sample(busy, chance.randint(1, len(busy))) if busy else ():
            unified.finish(node.job, self.plan.outcomes[int(node.identifier)])

    def status(self) -> str:
        """Of the workflow job."""
        return UnifiedJob.objects.non_polymorphic().values_list("status", flat=True).get(pk=self.job.pk)

    def ends(self) -> dict[int, str]:
        """How each node ended."""
        return {
            int(node.identifier): SKIPPED if node.do_not_run else node.job.status if node.job else ""
            for node in self.job.workflow_job_nodes.select_related("job")
        }


def dying(monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> list[int]:
    """Let steps die at random places: before a job is made, after it, or when the workflow ends."""
    deaths = [0]

    def fragile(action: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            if chance.random() < 0.25:
                deaths[0] += 1
                raise DiedError
            done = action(*args, **kwargs)
            if chance.random() < 0.25:
                deaths[0] += 1
                raise DiedError
            return done

        return run

    monkeypatch.setattr(stepping, "spawn", fragile(spawning.spawn))
    monkeypatch.setattr(stepping, "finish", fragile(stepping.finish))
    return deaths


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_steps_that_die_anywhere_and_messages_that_are_lost_change_nothing(
    seed: int, template: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311
    stage = Stage(some_plan(seed), template, organization)
    deaths = dying(monkeypatch, chance)
    for _turn in range(400):
        if stage.status() != "running":
            break
        found_by_the_beat = stage.job.pk in stepping.idle()
        for _again in range(chance.choice((0, 1, 2)) or found_by_the_beat):  # none: the message was lost
            try:
                with transaction.atomic():
                    stepping.step(stage.job.pk)
            except DiedError:
                continue
        stage.end_some(chance)
    assert deaths[0] or len(stage.plan.outcomes) < 4
    assert stage.ends() == ends(stage.plan)
    assert stage.status() == verdict(stage.plan)
    assert UnifiedJob.objects.exclude(pk=stage.job.pk).count() == sum(
        end not in ("", SKIPPED) for end in ends(stage.plan).values()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_a_relaunch_from_the_failures_ends_as_if_all_had_run(seed: int, template: Any, organization: Any) -> None:
    chance = random.Random(seed)  # noqa: S311
    plan = some_plan(seed + 100)
    stage = Stage(plan, template, organization)
    finish(stage, chance)
    first = WorkflowJob.objects.get(pk=stage.job.pk)
    kept = {n for n, end in ends(plan).items() if end == "successful"}
    if relaunching.obstacle(first):
        assert kept | {n for n, end in ends(plan).items() if end == SKIPPED} == set(plan.nodes)
        return
    better = tuple("successful" if outcome else "" for outcome in plan.outcomes)
    stage.plan = Plan(better, plan.converge, plan.edges)
    stage.begin(relaunching.go_on(first, actor=None))
    finish(stage, chance)
    shown = {
        int(node.identifier): SKIPPED
        if node.do_not_run
        else "successful"
        if node.kept
        else getattr(node.job, "status", "")
        for node in stage.job.workflow_job_nodes.select_related("job")
    }
    assert shown == ends(stage.plan)
    assert stage.status() == verdict(stage.plan)


def finish(stage: Stage, chance: random.Random) -> None:
    """Step and end until the workflow is over."""
    for _turn in range(100):
        stepping.step(stage.job.pk)
        if stage.status() != "running":
            return
        stage.end_some(chance)
