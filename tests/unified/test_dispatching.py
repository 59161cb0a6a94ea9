"""Which pending job starts, where, and what the others say they wait for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.instances.models import Instance, InstanceGroup
from apps.system.models import SystemJob
from apps.unified import services
from apps.unified.dispatch import passes
from apps.unified.models import UnifiedJob
from apps.unified.runner import lifecycle

pytestmark = pytest.mark.django_db
Submitted = Callable[..., SystemJob]


def states(*jobs: Any) -> list[str]:
    return [UnifiedJob.objects.get(pk=job.pk).status for job in jobs]


def test_a_pending_job_gets_an_instance_and_a_group(submitted: Submitted, node: Instance) -> None:
    job = submitted()
    assert passes.run() == 1
    job.refresh_from_db()
    assert (job.status, job.execution_node, job.instance_group.name) == ("waiting", node.hostname, "default")


def test_nothing_starts_without_an_instance(submitted: Submitted, db: None) -> None:
    job = submitted()
    assert passes.run() == 0
    passes.explain()
    job.refresh_from_db()
    assert job.status == "pending"
    assert "room" in job.job_explanation


def test_capacity_is_not_exceeded(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.share = 4
    jobs = [submitted() for _ in range(4)]
    assert passes.run() == 2
    assert states(*jobs) == ["waiting", "waiting", "pending", "pending"]
    services.finish(jobs[0], "successful")
    assert passes.run() == 1


def test_a_job_larger_than_any_instance_starts_on_an_idle_one(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.share = 1000
    first, second = submitted(), submitted()
    assert passes.run() == 1
    assert states(first, second) == ["waiting", "pending"]


def test_a_small_job_overtakes_one_that_does_not_fit(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.share = 8
    running = submitted()
    passes.run()
    large = submitted()
    probe.share = 1
    small = submitted()
    passes.run()
    assert states(running, large, small) == ["waiting", "pending", "waiting"]


def test_disabled_instances_take_nothing(submitted: Submitted, node: Instance) -> None:
    Instance.objects.update(enabled=False)
    submitted()
    assert passes.run() == 0


def test_a_group_limits_its_jobs(submitted: Submitted, node: Instance) -> None:
    InstanceGroup.objects.filter(name="default").update(max_concurrent_jobs=1)
    first, second = submitted(), submitted()
    assert passes.run() == 1
    assert states(first, second) == ["waiting", "pending"]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"max_concurrent_jobs": 1}, "default (max_concurrent_jobs: at most 1 at once)"),
        ({"max_forks": 5}, "default (max_forks: at most 5 at once)"),
        ({}, "default (its instances are full)"),
    ],
)
def test_a_waiting_job_names_the_limit(
    submitted: Submitted, node: Instance, probe: Any, limit: dict[str, int], told: str
) -> None:
    InstanceGroup.objects.filter(name="default").update(**limit)
    probe.share = 3
    jobs = [submitted() for _ in range(9)]
    passes.run()
    passes.explain()
    jobs[-1].refresh_from_db()
    assert (jobs[-1].status, told in jobs[-1].job_explanation) == ("pending", True), jobs[-1].job_explanation


def test_a_group_without_instances_is_named(
    submitted: Submitted, node: Instance, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = InstanceGroup.objects.create(name="mine")
    monkeypatch.setattr(probe, "instance_groups", classmethod(lambda cls, job: [mine]))
    job = submitted()
    passes.run()
    passes.explain()
    job.refresh_from_db()
    assert "mine (no instance of it takes jobs)" in job.job_explanation


def test_a_preferred_group_takes_the_job(
    submitted: Submitted, node: Instance, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = InstanceGroup.objects.create(name="mine")
    other = Instance.objects.create(hostname="other", capacity=5, node_state="ready", node_type="execution")
    mine.instances.add(other)
    monkeypatch.setattr(probe, "instance_groups", classmethod(lambda cls, job: [mine]))
    job = submitted()
    passes.run()
    job.refresh_from_db()
    assert (job.execution_node, job.instance_group) == ("other", mine)


def test_a_full_preferred_group_is_named(
    submitted: Submitted, node: Instance, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = InstanceGroup.objects.create(name="mine")
    monkeypatch.setattr(probe, "instance_groups", classmethod(lambda cls, job: [mine]))
    job = submitted()
    passes.run()
    passes.explain()
    job.refresh_from_db()
    assert "mine" in job.job_explanation


def test_jobs_of_a_lane_run_one_after_the_other(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.laned = "job_template:1"
    first, second, third = submitted(), submitted(), submitted()
    assert passes.run() == 1
    passes.explain()
    assert states(first, second, third) == ["waiting", "pending", "pending"]
    third.refresh_from_db()
    assert str(first.pk) in third.job_explanation
    services.finish(first, "failed")
    passes.run()
    assert states(second, third) == ["waiting", "pending"]


def test_a_job_waits_for_earlier_jobs_of_other_lanes(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.laned = "project:5"
    update = submitted()
    probe.laned, probe.waits = "", ("project:5",)
    job = submitted()
    passes.run()
    passes.explain()
    job.refresh_from_db()
    assert job.status == "pending"
    assert str(update.pk) in job.job_explanation
    services.finish(update, "successful")
    passes.run()
    job.refresh_from_db()
    assert (job.status, job.job_explanation) == ("waiting", "")


def test_later_jobs_of_other_lanes_hold_nothing_up(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.waits = ("project:5",)
    job = submitted()
    probe.laned, probe.waits = "project:5", ()
    submitted()
    passes.run()
    assert states(job) == ["waiting"]


def test_dependencies_run_first(submitted: Submitted, node: Instance, probe: Any, template: Any) -> None:
    before = services.create_job(template, launch_type="dependency")
    probe.before = [[before]]
    job = submitted()
    passes.run()
    passes.explain()
    assert states(before, job) == ["waiting", "pending"]
    job.refresh_from_db()
    assert before.name in job.job_explanation
    services.finish(before, "successful")
    passes.run()
    assert states(job) == ["waiting"]


def test_a_failed_dependency_fails_the_job(submitted: Submitted, node: Instance, probe: Any, template: Any) -> None:
    before = services.create_job(template, launch_type="dependency")
    probe.before = [[before]]
    job = submitted()
    passes.run()
    services.finish(before, "failed")
    passes.run()
    job.refresh_from_db()
    assert job.status == "failed"
    told = json.loads(job.job_explanation.partition(": ")[2])
    assert told == {"job_type": "system_job", "job_name": "probe", "job_id": str(before.pk)}


def test_a_stumble_over_dependencies_ends_the_job(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.before = [None]
    job = submitted()
    other = submitted()
    passes.run()
    job.refresh_from_db()
    assert job.status == "error"
    assert job.job_explanation
    assert states(other) == ["waiting"]


def test_a_canceled_pending_job_never_starts(submitted: Submitted, node: Instance) -> None:
    job = submitted()
    assert services.cancel(job)
    assert passes.run() == 0
    assert states(job) == ["canceled"]
    assert not services.cancel(job)


def test_a_canceled_waiting_job_is_not_claimed(submitted: Submitted, node: Instance) -> None:
    job = submitted()
    passes.run()
    assert services.cancel(job)
    assert lifecycle.claim(job.pk, node.hostname) is None
    assert states(job) == ["canceled"]


def test_the_template_shows_its_jobs(submitted: Submitted, node: Instance, template: Any) -> None:
    job = submitted()
    template.refresh_from_db()
    assert (template.status, template.current_job_id) == ("pending", job.pk)
    services.finish(job, "failed", "It broke.")
    template.refresh_from_db()
    assert (template.status, template.current_job, template.last_job_id) == ("failed", None, job.pk)
    assert template.last_job_failed
    assert template.last_job_run == job.finished


def test_a_job_is_finished_once(submitted: Submitted) -> None:
    job = submitted()
    assert services.finish(job, "failed", "one")
    assert not services.finish(job, "successful", "two")
    job.refresh_from_db()
    assert (job.status, job.job_explanation) == ("failed", "one")


def test_ten_thousand_pending_jobs_do_not_stall_a_pass(
    submitted: Submitted, node: Instance, probe: Any, django_assert_max_num_queries: Any
) -> None:
    probe.laned = "job_template:1"
    first = submitted()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO unified_unifiedjob SELECT (jsonb_populate_record(j, jsonb_build_object('id', j.id + n))).*"
            " FROM unified_unifiedjob j, generate_series(1, 10000) n WHERE j.id = %s",
            [first.pk],
        )
        cursor.execute("ANALYZE unified_unifiedjob")
    with django_assert_max_num_queries(60):
        assert passes.run() == 1


def test_a_group_limits_its_forks(submitted: Submitted, node: Instance, probe: Any) -> None:
    InstanceGroup.objects.filter(name="default").update(max_forks=5)
    probe.share = 3
    first, second = submitted(), submitted()
    assert passes.run() == 1
    assert states(first, second) == ["waiting", "pending"]
    passes.explain()
    second.refresh_from_db()
    assert "room" in second.job_explanation


def test_a_job_larger_than_the_forks_of_its_group_runs_alone(submitted: Submitted, node: Instance, probe: Any) -> None:
    InstanceGroup.objects.filter(name="default").update(max_forks=2)
    probe.share = 3
    first, second = submitted(), submitted()
    assert passes.run() == 1
    assert states(first, second) == ["waiting", "pending"]


def test_a_full_group_hands_over_to_the_next_in_preference(
    submitted: Submitted, node: Instance, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = InstanceGroup.objects.create(name="mine", max_concurrent_jobs=1)
    mine.instances.add(node)
    default = InstanceGroup.objects.get(name="default")
    monkeypatch.setattr(probe, "instance_groups", classmethod(lambda cls, job: [mine, default]))
    jobs = [submitted() for _ in range(3)]
    assert passes.run() == 3
    groups = [UnifiedJob.objects.get(pk=job.pk).instance_group.name for job in jobs]
    assert groups == ["mine", "default", "default"]


def test_jobs_go_where_the_most_room_is(submitted: Submitted, node: Instance, probe: Any) -> None:
    other = Instance.objects.create(hostname="other", capacity=6, node_state="ready", node_type="execution")
    InstanceGroup.objects.get(name="default").instances.add(other)
    probe.share = 3
    jobs = [submitted() for _ in range(5)]
    assert passes.run() == 5
    nodes = [UnifiedJob.objects.get(pk=job.pk).execution_node for job in jobs]
    assert nodes == [node.hostname, node.hostname, "other", node.hostname, "other"]


def waited(job: Any) -> None:
    UnifiedJob.objects.filter(pk=job.pk).update(created=timezone.now() - timedelta(minutes=2))


def test_room_is_kept_for_a_large_job_that_has_waited_long(submitted: Submitted, node: Instance, probe: Any) -> None:
    probe.share = 6
    running = submitted()
    passes.run()
    probe.share = 8
    large = submitted()
    waited(large)
    probe.share = 1
    small = submitted()
    assert passes.run() == 0
    assert states(running, large, small) == ["waiting", "pending", "pending"]
    services.finish(running, "successful")
    assert passes.run() == 2
    assert states(large, small) == ["waiting", "waiting"]


def test_keeping_room_leaves_the_other_instances_to_the_others(
    submitted: Submitted, node: Instance, probe: Any
) -> None:
    other = Instance.objects.create(hostname="other", capacity=6, node_state="ready", node_type="execution")
    InstanceGroup.objects.get(name="default").instances.add(other)
    jobs = []
    for probe.share in (5, 2, 9, 1):  # 5 of 10 and 2 of 6 are taken; 9 has to wait
        jobs.append(submitted())
        passes.run()
    waited(jobs[2])
    services.finish(jobs[3], "successful")
    small = submitted()
    passes.run()
    nodes = [UnifiedJob.objects.get(pk=job.pk).execution_node for job in (*jobs, small)]
    assert nodes == [node.hostname, "other", "", node.hostname, "other"]


def test_forks_of_a_group_are_kept_for_a_job_that_has_waited_long(
    submitted: Submitted, node: Instance, probe: Any
) -> None:
    InstanceGroup.objects.filter(name="default").update(max_forks=6)
    probe.share = 3
    running = submitted()
    passes.run()
    probe.share = 5
    large = submitted()
    waited(large)
    probe.share = 1
    small = submitted()
    assert passes.run() == 0
    services.finish(running, "successful")
    assert passes.run() == 2
    assert states(large, small) == ["waiting", "waiting"]
