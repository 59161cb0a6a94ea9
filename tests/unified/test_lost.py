"""What becomes of the jobs of an instance that sends no heartbeats, or is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.instances.models import Instance
from apps.instances.services import health
from apps.system.models import SystemJob
from apps.unified import services
from apps.unified.dispatch import lost, passes
from apps.unified.models import JobProcess, UnifiedJob
from apps.unified.runner import lifecycle
from apps.unified.runner.kinds import ScriptCommand
from apps.unified.runner.supervisor import Supervisor

pytestmark = pytest.mark.django_db
Submitted = Callable[..., SystemJob]


@pytest.fixture
def other(node: Instance) -> Instance:
    """A second instance of the default group, without room until a test gives it some."""
    made = Instance.objects.create(hostname="other", capacity=0, node_state="ready", node_type="execution")
    node.rampart_groups.get(name="default").instances.add(made)
    Instance.objects.update(last_seen=timezone.now())
    return made


def watched_for(seconds: float) -> None:
    """The instances have been looked at for so long."""
    now = timezone.now()
    cache.set(health.WATCHED, (now, now - timedelta(seconds=seconds)))


def silence(node: Instance, duration: timedelta) -> None:
    """The instance has said nothing for so long and a bit."""
    Instance.objects.filter(pk=node.pk).update(last_seen=timezone.now() - duration - timedelta(seconds=2))


def fresh(job: Any) -> UnifiedJob:
    return UnifiedJob.objects.get(pk=job.pk)


def running(submitted: Submitted, node: Instance) -> UnifiedJob:
    """A job that the instance has claimed."""
    job = submitted()
    passes.run()
    assert lifecycle.claim(job.pk, node.hostname) is not None
    return fresh(job)


def test_waiting_jobs_of_a_lost_instance_go_elsewhere_at_once(
    submitted: Submitted, node: Instance, other: Instance
) -> None:
    job = submitted()
    passes.run()
    assert fresh(job).execution_node == node.hostname
    silence(node, health.LOST_AFTER)
    health.mark_lost()
    assert (fresh(job).status, fresh(job).execution_node) == ("pending", "")
    Instance.objects.filter(pk=other.pk).update(capacity=10)
    passes.run()
    assert (fresh(job).status, fresh(job).execution_node) == ("waiting", "other")
    assert lifecycle.claim(job.pk, node.hostname) is None


def test_an_instance_that_lives_keeps_its_jobs(submitted: Submitted, node: Instance, other: Instance) -> None:
    job = submitted()
    passes.run()
    watched_for(10**6)
    lost.sweep()
    assert fresh(job).status == "waiting"


def test_running_jobs_end_after_the_grace_period_and_say_why(
    submitted: Submitted, node: Instance, other: Instance
) -> None:
    job = running(submitted, node)
    silence(node, health.LOST_AFTER)
    watched_for(10**6)
    health.mark_lost()
    lost.sweep()
    assert fresh(job).status == "running"
    silence(node, health.JOBS_LOST_AFTER)
    lost.sweep()
    assert fresh(job).status == "error"
    assert node.hostname in fresh(job).job_explanation
    assert "heartbeat" in fresh(job).job_explanation
    assert not JobProcess.objects.filter(pk=job.pk).exists()


def test_a_canceled_job_of_a_lost_instance_ends_canceled(submitted: Submitted, node: Instance, other: Instance) -> None:
    job = running(submitted, node)
    services.cancel(job)
    silence(node, health.JOBS_LOST_AFTER)
    watched_for(10**6)
    health.mark_lost()
    lost.sweep()
    assert fresh(job).status == "canceled"


def test_an_instance_that_speaks_in_the_last_moment_keeps_its_jobs(
    submitted: Submitted, node: Instance, other: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(submitted, node)
    silence(node, health.JOBS_LOST_AFTER)
    watched_for(10**6)
    health.mark_lost()
    end = lost.end

    def too_late(*found: Any) -> bool:
        health.beat(node.hostname)
        return end(*found)

    monkeypatch.setattr(lost, "end", too_late)
    assert lost.give_up() == 0
    assert fresh(job).status == "running"


def test_a_pause_of_the_watch_loses_nobody(submitted: Submitted, node: Instance, other: Instance) -> None:
    job = running(submitted, node)
    silence(node, health.JOBS_LOST_AFTER)
    now = timezone.now()
    cache.set(health.WATCHED, (now - 2 * health.GAP, now - timedelta(days=1)))
    health.look_after()
    lost.sweep()
    node.refresh_from_db()
    assert (node.node_state, fresh(job).status) == ("ready", "running")


def test_jobs_of_an_instance_that_was_removed(submitted: Submitted, node: Instance, other: Instance) -> None:
    claimed, waiting = running(submitted, node), submitted()
    passes.run()
    Instance.objects.filter(pk=node.pk).delete()
    lost.sweep()
    assert (fresh(claimed).status, fresh(waiting).status) == ("error", "pending")
    assert "removed" in fresh(claimed).job_explanation


def test_workflow_jobs_have_no_instance_and_are_left_alone(node: Instance) -> None:
    from apps.workflows.models import WorkflowJob

    job = WorkflowJob.objects.create(name="w", status="running")
    watched_for(10**6)
    lost.sweep()
    assert fresh(job).status == "running"


def test_a_job_that_was_given_up_while_it_was_prepared_is_stopped(
    submitted: Submitted, node: Instance, probe: Any, tmp_path: Path
) -> None:
    def given_up(run: Any) -> Any:
        services.finish(run.job, "error", "given up")
        return ScriptCommand(argv=["sleep", "300"], cwd="/")

    probe.command = given_up
    job = submitted()
    passes.run()
    assert lifecycle.launch(job.pk, node.hostname) is None
    assert fresh(job).job_explanation == "given up"
    assert not list((tmp_path / "runs").iterdir())


def test_a_supervisor_lets_go_of_jobs_that_were_given_up(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.code = "import time; time.sleep(300)"
    job = submitted()
    passes.run()
    watch = lifecycle.launch(job.pk, node.hostname)
    assert watch is not None
    supervisor = Supervisor(node.hostname)
    supervisor.add(watch)
    supervisor.check()
    assert supervisor.watches
    services.finish(job, "error", "given up")
    supervisor.pool.submit = lambda action, *args: action(*args)  # type: ignore[method-assign,assignment]
    supervisor.check()
    assert not supervisor.watches
    deadline = time.monotonic() + 30
    while watch.process.alive() and time.monotonic() < deadline:
        time.sleep(0.05)  # a killed process takes its moment on a busy machine
    assert not watch.process.alive()
    assert not watch.workspace.path.exists()
    assert fresh(job).job_explanation == "given up"
