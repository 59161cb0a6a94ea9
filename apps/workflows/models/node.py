"""Nodes of workflow job templates: a template, the answers to its prompts, and what comes next."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from apps.core.models import Stamped
from apps.rbac.mixins import Follower
from apps.unified.prompts import InstanceGroupLink, LaunchPrompts


def new_identifier() -> str:
    """An identifier for a node that the client did not name."""
    return str(uuid4())


class WorkflowJobTemplateNode(Follower, Stamped, LaunchPrompts):
    """One step of a workflow."""

    rights_from = "workflow_job_template"
    rights_map = {"change": "change", "delete": "change"}

    workflow_job_template = models.ForeignKey(
        "workflows.WorkflowJobTemplate", models.CASCADE, related_name="workflow_job_template_nodes"
    )
    unified_job_template = models.ForeignKey(
        "unified.UnifiedJobTemplate", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    success_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobtemplatenodes_success")
    failure_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobtemplatenodes_failure")
    always_nodes = models.ManyToManyField("self", symmetrical=False, related_name="workflowjobtemplatenodes_always")
    all_parents_must_converge = models.BooleanField(default=False)
    identifier = models.CharField(max_length=512, default=new_identifier, blank=True)
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup",
        through="WorkflowJobTemplateNodeInstanceGroup",
        related_name="workflow_job_template_node_instance_groups",
    )

    class Meta:
        ordering = ("pk",)
        unique_together = (("identifier", "workflow_job_template"),)

    def __str__(self) -> str:
        return self.identifier


class WorkflowJobTemplateNodeInstanceGroup(InstanceGroupLink):
    """An instance group that the node's job prefers."""

    workflowjobtemplatenode = models.ForeignKey(WorkflowJobTemplateNode, models.CASCADE)
