"""What the dispatcher does with workflow jobs (it steps them) and approvals (it leaves them alone)."""

from __future__ import annotations

from typing import Any

from apps.unified.queue import send
from apps.unified.runner.kinds import Stepped, Waiting, run_kind

from .models import WorkflowApproval, WorkflowJob
from .services import stepping


@run_kind(WorkflowJob)
class WorkflowRun(Stepped):
    """A workflow job takes no worker."""

    @classmethod
    def lane(cls, job: Any) -> str:
        """Runs of one template follow each other, unless it lets them run beside each other."""
        if job.allow_simultaneous or job.unified_job_template_id is None:
            return ""
        return f"workflow:{job.unified_job_template_id}"

    @classmethod
    def start(cls, job: Any) -> None:
        """The first step, in a task of its own: the dispatcher must not wait for it."""
        send("apps.workflows.tasks.step", job.pk)

    @classmethod
    def cancel(cls, job: Any) -> bool:
        """What it has started is canceled first."""
        return stepping.cancel(job)


@run_kind(WorkflowApproval)
class ApprovalRun(Waiting):
    """An approval waits for someone's word."""
