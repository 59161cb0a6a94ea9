"""Workflow jobs: runs of a workflow, of a sliced job template, or of a bulk launch."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from apps.core.fields import EncryptedTextField, VariablesField, parse_variables
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

    class Meta:
        indexes = (
            models.Index(fields=("is_bulk_job",), condition=models.Q(is_bulk_job=True), name="workflow_job_bulk"),
        )

    @classmethod
    def own_jobs(cls, user: Any, action: str) -> Q:
        """A bulk launch has no template: it is for whoever launched it to read, repeat and cancel.

        They are few, and named one by one the database finds them by their index.
        """
        ids = list(cls.objects.non_polymorphic().filter(is_bulk_job=True, created_by=user).values_list("pk", flat=True))
        return Q(pk__in=ids) if ids else Q()

    @classmethod
    def held_by_parent(cls, user: Any, objects: list[Any]) -> dict[int, set[str]]:
        """As every job, and all of one's own bulk launches."""
        out = super().held_by_parent(user, objects)
        free = [obj.pk for obj in objects if obj.unified_job_template_id is None and obj.created_by_id == user.pk]
        if free:
            bulk = cls.objects.non_polymorphic().filter(pk__in=free, is_bulk_job=True)
            for pk in bulk.values_list("pk", flat=True):
                out[pk] |= {"view", "start", "cancel"}
        return out

    def secret_answers(self) -> dict[str, Any]:
        """The values behind `$encrypted$` in extra_vars."""
        return json.loads(self.survey_passwords) if self.survey_passwords else {}

    def variables(self) -> dict[str, Any]:
        """extra_vars with the secret answers filled in."""
        return parse_variables(self.extra_vars) | self.secret_answers()


class WorkflowJobInstanceGroup(InstanceGroupLink):
    """An instance group that was asked for at launch."""

    workflowjob = models.ForeignKey(WorkflowJob, models.CASCADE)
