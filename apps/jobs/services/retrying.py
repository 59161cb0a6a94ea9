"""A failed job of a template with a retry policy is tried again, after a while, on the hosts that failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from apps.jobs.models import Job, Retry, RetryPolicy
from apps.unified import starting
from apps.unified.models import UnifiedJob
from apps.unified.queue import send

from .relaunching import relaunch

TASK = "apps.jobs.tasks.retry_due"
FAILED = ("failed", "error")
BATCH = 100


def job_finished(sender: Any, job: Any, **more: Any) -> None:
    """Plan the next try of a failed job. Jobs of a workflow are the workflow's affair."""
    if isinstance(job, Job) and job.status in FAILED and job.launch_type != "workflow":
        planned = plan(job)
        if planned is not None and planned.due <= timezone.now():
            send(TASK)


def plan(job: Job) -> Retry | None:
    """The try that follows; None where the policy has none left. Asking twice plans once."""
    policy = RetryPolicy.objects.filter(job_template=job.job_template_id).first()
    if policy is None:
        return None
    before = Retry.objects.filter(made=job).first()
    attempt = before.attempt + 1 if before else 1
    if attempt > policy.attempts:
        return None
    due = timezone.now() + timedelta(seconds=policy.delay)
    return Retry.objects.get_or_create(job=job, defaults={"attempt": attempt, "due": due})[0]


def retry_due() -> int:
    """Make the tries that are due; how many there were. Two of these at once share them."""
    done = 0
    while done < BATCH and retry_one():
        done += 1
    return done


def retry_one() -> bool:
    """One try; False where none is due."""
    with transaction.atomic():
        waiting = Retry.objects.filter(over=False, due__lte=timezone.now()).order_by("due")
        retry = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("job").first()
        if retry is None:
            return False
        retry.over = True
        policy = RetryPolicy.objects.filter(job_template=retry.job.job_template_id).first()
        if policy is None:
            explain(retry.job, "It was not tried again: the retry policy is gone.")
        else:
            make(retry, policy)
        retry.save(update_fields=["over", "made"])
    return True


def make(retry: Retry, policy: RetryPolicy) -> None:
    """The new job, and a word about it on the failed one."""
    job = retry.job
    known = policy.hosts == "failed" and job.job_host_summaries.filter(failed=True).exists()
    try:
        with transaction.atomic():
            retry.made = relaunch(job, actor=job.created_by, hosts="failed" if known else "all")
    except starting.FINAL as error:
        explain(job, f"It was not tried again. {starting.reason_of(error, f'the next try of job {job.pk}')}")
    else:
        explain(job, f"It is tried again as job {retry.made.pk} (attempt {retry.attempt} of {policy.attempts}).")


def explain(job: Job, sentence: str) -> None:
    """Add a sentence to the explanation."""
    rows = UnifiedJob.objects.non_polymorphic().filter(pk=job.pk)
    rows.filter(job_explanation="").update(job_explanation=sentence)
    rest = rows.exclude(job_explanation="").exclude(job_explanation__contains=sentence)
    rest.update(job_explanation=Concat("job_explanation", Value(f" {sentence}")))
