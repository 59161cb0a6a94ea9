"""Failed jobs that are tried again by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.jobs.models import Job, Retry
from apps.jobs.services import launch, retrying
from apps.unified import services as unified

pytestmark = pytest.mark.django_db


def policy(shop: Any, **body: Any) -> Any:
    """PUT retry_policy/."""
    return shop.api.put(f"{shop.url}retry_policy/", body)


def failed(shop: Any) -> Job:
    """A job of the template that failed on one host."""
    job = launch(shop.template, actor=shop.admin)
    job.job_host_summaries.create(host_name="one", ok=1)
    job.job_host_summaries.create(host_name="two", failures=1, failed=True)
    return fail(job)


def fail(job: Job, status: str = "failed") -> Job:
    """End a job, and tell those who listen."""
    unified.finish(job, status)
    unified.announce(job.pk)
    return Job.objects.get(pk=job.pk)


def test_a_policy_is_set_read_and_removed(shop: Any) -> None:
    url = f"{shop.url}retry_policy/"
    assert shop.api.get(url).data == {"attempts": 0, "delay": 0, "hosts": "failed"}
    assert policy(shop, attempts=2, delay=5, hosts="all").data == {"attempts": 2, "delay": 5, "hosts": "all"}
    assert policy(shop, attempts=1).data == {"attempts": 1, "delay": 0, "hosts": "failed"}
    assert "retry_policy" not in shop.api.get(shop.url).data["related"]
    assert shop.api.delete(url).status_code == 204
    assert shop.api.get(url).data["attempts"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "attempts"), ({"attempts": 0}, "attempts"), ({"attempts": 11}, "attempts"),
        ({"attempts": "x"}, "attempts"),
        ({"attempts": 1, "delay": -1}, "delay"), ({"attempts": 1, "delay": 10**9}, "delay"),
        ({"attempts": 1, "hosts": "some"}, "hosts"),
    ],
)  # fmt: skip
def test_bad_policies_are_refused(shop: Any, body: dict[str, Any], field: str) -> None:
    answer = policy(shop, **body)
    assert (answer.status_code, list(answer.data)) == (400, [field])


def test_rights(shop: Any, api: Any, person: Any) -> None:
    runner, url = api(person("runner", (shop.template, "execute_role"))), f"{shop.url}retry_policy/"
    assert runner.get(url).status_code == 200
    assert runner.put(url, {"attempts": 1}).status_code == 403
    assert runner.delete(url).status_code == 403
    assert api(person("stranger")).get(url).status_code == 404


def test_a_failed_job_is_tried_again_on_its_failed_hosts_until_it_is_enough(shop: Any) -> None:
    policy(shop, attempts=2)
    first = failed(shop)
    assert retrying.retry_due() == 1
    second = Job.objects.get(retry_of__job=first)
    assert (second.limit, second.launch_type, second.status) == ("two", "relaunch", "pending")
    first.refresh_from_db()
    assert first.job_explanation == f"It is tried again as job {second.pk} (attempt 1 of 2)."
    fail(second, "error")
    assert retrying.retry_due() == 1
    third = Job.objects.get(retry_of__job=second)
    fail(third)
    assert retrying.retry_due() == 0
    assert Job.objects.count() == 3


def test_a_delay_is_waited_for(shop: Any) -> None:
    policy(shop, attempts=1, delay=60)
    failed(shop)
    assert retrying.retry_due() == 0
    Retry.objects.update(due=timezone.now() - timedelta(seconds=1))
    assert retrying.retry_due() == 1
    assert retrying.retry_due() == 0


def test_what_did_not_fail_and_what_a_workflow_runs_is_left_alone(shop: Any) -> None:
    policy(shop, attempts=1)
    fail(launch(shop.template, actor=shop.admin), "canceled")
    fail(launch(shop.template, actor=shop.admin), "successful")
    fail(launch(shop.template, actor=shop.admin, launch_type="workflow"))
    assert not Retry.objects.exists()


def test_a_try_that_is_refused_says_why(shop: Any, credential: Any) -> None:
    policy(shop, attempts=1)
    shop.template.credentials.add(credential("ssh", username="u", password="ASK"))
    job = launch(shop.template, actor=shop.admin, passwords={"ssh_password": "pw"})
    job = fail(job)
    assert retrying.retry_due() == 1
    job.refresh_from_db()
    assert "ssh_password" in job.job_explanation
    assert Job.objects.count() == 1


def test_a_try_that_goes_wrong_is_in_nobodys_way(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    policy(shop, attempts=1, hosts="all")
    wrong, right = failed(shop), failed(shop)
    again = retrying.relaunch

    def relaunch(job: Job, **options: Any) -> Job:
        if job.pk == wrong.pk:
            raise ValueError("unforeseen")
        return again(job, **options)

    monkeypatch.setattr(retrying, "relaunch", relaunch)
    assert retrying.retry_due() == 2
    wrong.refresh_from_db()
    assert "not tried again. The server met an unexpected error" in wrong.job_explanation
    assert Retry.objects.get(job=right).made is not None
