"""Workflows: graphs of templates that start each other."""

from typing import Any

from django.apps import AppConfig

from apps.core import events


class WorkflowsConfig(AppConfig):
    """Listens to the ends of jobs, so that workflows go on."""

    name = "apps.workflows"
    label = "workflows"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Register with the dispatcher, the slices of job templates, and the checks of saved answers."""
        from apps.jobs.services.launching import slicer
        from apps.unified import prompts

        from . import runs  # noqa: F401
        from .services import answers
        from .services.slicing import slice_template

        slicer[:] = [slice_template]
        prompts.survey_checks[:] = [answers.survey_problems]
        events.finished.connect(job_finished, dispatch_uid="workflows.finished")


def job_finished(sender: Any, job: Any, **kwargs: Any) -> None:
    """Step the workflow that the job belongs to."""
    from apps.unified.queue import send

    from .models import WorkflowJobNode

    workflow = WorkflowJobNode.objects.filter(job_id=job.pk).values_list("workflow_job_id", flat=True).first()
    if workflow is not None:
        send("apps.workflows.tasks.step", workflow)
