"""A kind of job for the engine's own tests: a cleaning whose script the test chooses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apps.instances.models import Instance, InstanceGroup
from apps.system.models import SystemJob, SystemJobTemplate
from apps.unified import services
from apps.unified.dispatch import passes
from apps.unified.models import UnifiedJob
from apps.unified.runner import kinds
from apps.unified.runner.supervisor import run_here


class Probe(kinds.Run):
    """Runs what the test says; the test may change any of these."""

    code = "print('hello')"
    command: Callable[[Probe], kinds.Command] | None = None
    timeout = 0
    seen: list[Any] = []
    before: list[Any] = []
    laned = ""
    waits: tuple[str, ...] = ()
    share = 1

    @classmethod
    def task_impact(cls, job: Any) -> int:
        return cls.share

    @classmethod
    def lane(cls, job: Any) -> str:
        return cls.laned

    @classmethod
    def waits_on(cls, job: Any) -> tuple[str, ...]:
        return cls.waits

    @classmethod
    def dependencies(cls, job: Any) -> list[Any]:
        return cls.before.pop() if cls.before else []

    def prepare(self) -> kinds.Command:
        if type(self).command is not None:
            return type(self).command(self)
        return kinds.ScriptCommand(argv=[sys.executable, "-c", self.code], cwd="/", timeout=self.timeout)

    def finished(self, status: str) -> None:
        self.seen.append(status)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> Iterator[type[Probe]]:
    """System jobs run the probe."""
    settings.RUNNER_ROOT = tmp_path / "runs"
    fresh = type("ProbeOfThisTest", (Probe,), {"seen": [], "before": []})
    monkeypatch.setitem(kinds.RUNS, SystemJob, fresh)
    return fresh


@pytest.fixture
def node(db: None) -> Instance:
    """This host as the only instance of both groups."""
    made, _new = Instance.objects.update_or_create(
        hostname=settings.CLUSTER_HOST_ID,
        defaults={"capacity": 10, "node_type": "hybrid", "node_state": "ready", "enabled": True},
    )
    for name in ("default", "controlplane"):
        group, _new = InstanceGroup.objects.get_or_create(name=name)
        group.instances.add(made)
    return made


@pytest.fixture
def template(db: None) -> SystemJobTemplate:
    """What the probes are made from."""
    return SystemJobTemplate.objects.create(name="probe", job_type="cleanup_jobs")


@pytest.fixture
def submitted(probe: type[Probe], template: SystemJobTemplate) -> Callable[..., SystemJob]:
    """`submitted()` is a pending job."""

    def make(**columns: Any) -> SystemJob:
        return services.submit(services.create_job(template, **columns))

    return make


@pytest.fixture
def ran(submitted: Callable[..., SystemJob], node: Instance) -> Callable[..., SystemJob]:
    """`ran()` is a job that was dispatched and run to its end."""

    def make(**columns: Any) -> SystemJob:
        job = submitted(**columns)
        passes.run()
        run_here(job.pk)
        return UnifiedJob.objects.get(pk=job.pk)

    return make
