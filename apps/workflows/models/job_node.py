"""Nodes of workflow jobs: copies of the template's nodes, with the job that each became."""

from __future__ import annotations

from django.db import models

from apps.core.models import Stamped
from apps.rbac.mixins import Follower
from apps.unified.prompts import InstanceGroupLink, LaunchPrompts


class WorkflowJobNode(Follower, Stamped, LaunchPrompts):
    """One step of a running or finished workflow."""

    rights_from = "workflow_job"

    workflow_job = models.ForeignKey(
        "workflows.WorkflowJob", models.CASCADE, null=True, default=None, related_name="workflow_job_nodes"
    )
    job = models.OneToOneField(
        "unified.UnifiedJob", models.SET_NULL, null=True, default=None, related_name="unified_job_node"
    )
    # of the run that this one continues: the job whose result counts here too, or a nested workflow that goes on
    previous_job = models.ForeignKey("unified.UnifiedJob", models.SET_NULL, null=True, default=None, related_name="+")
    kept = models.BooleanField(default=False)  # it was successful in that run, and does not run again
    unified_job_template = models.ForeignKey(
        "unified.UnifiedJobTemplate", models.SET_NULL, null=True, default=None, related_name="%(class)ss"
    )
    success_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobnodes_success")
    failure_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobnodes_failure")
    always_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobnodes_always")
    all_parents_must_converge = models.BooleanField(default=False)
    do_not_run = models.BooleanField(default=False)
    identifier = models.CharField(max_length=512, blank=True, default="")
    ancestor_artifacts = models.JSONField(default=dict, blank=True, editable=False)
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup",
        through="WorkflowJobNodeInstanceGroup",
        related_name="workflow_job_node_instance_groups",
    )

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("identifier", "workflow_job"), name="workflow_job_node_identifier"),)

    @property
    def shown_job_id(self) -> int | None:
        """The job that stands for the node: its own, or the one whose result was kept."""
        return self.previous_job_id if self.kept else self.job_id

    def __str__(self) -> str:
        return self.identifier


class WorkflowJobNodeInstanceGroup(InstanceGroupLink):
    """An instance group that the node's job prefers."""

    workflowjobnode = models.ForeignKey(WorkflowJobNode, models.CASCADE)
