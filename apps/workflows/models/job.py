"""Workflow jobs: runs of a workflow, of a sliced job template, or of a bulk launch."""

from __future__ import annotations

from django.db import models

from apps.core.fields import EncryptedTextField, VariablesField
from apps.unified.models import UnifiedJob
from apps.unified.prompts import InstanceGroupLink, ShortPrompts

from .template import WEBHOOK_SERVICES, WORKFLOW_PROMPTS


class WorkflowJob(ShortPrompts, UnifiedJob):
    """A run of a graph; it occupies no worker, it is stepped whenever one of its jobs ends."""

    short_prompts = WORKFLOW_PROMPTS

    workflow_job_template = models.ForeignKey(
        "workflows.WorkflowJobTemplate", models.SET_NULL, null=True, default=None, related_name="workflow_jobs"
    )
    extra_vars = VariablesField()
    survey_passwords = EncryptedTextField(default="", blank=True, editable=False)  # JSON: {variable: value}
    allow_simultaneous = models.BooleanField(default=False)
    job_template = models.ForeignKey(
        "jobs.JobTemplate", models.SET_NULL, null=True, default=None, related_name="slice_workflow_jobs"
    )
    is_sliced_job = models.BooleanField(default=False)
    is_bulk_job = models.BooleanField(default=False)
    webhook_service = models.CharField(max_length=16, choices=WEBHOOK_SERVICES, blank=True, default="")
    webhook_credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, default=None, related_name="workflowjobs"
    )
    webhook_guid = models.CharField(max_length=128, blank=True, default="")
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup", through="WorkflowJobInstanceGroup", related_name="workflow_job_instance_groups"
    )


class WorkflowJobInstanceGroup(InstanceGroupLink):
    """An instance group that was asked for at launch."""

    workflowjob = models.ForeignKey(WorkflowJob, models.CASCADE)
