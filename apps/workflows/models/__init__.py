"""Workflow templates and their nodes, workflow jobs and theirs, approvals."""

from .approval import WorkflowApproval, WorkflowApprovalTemplate
from .job import WorkflowJob, WorkflowJobInstanceGroup
from .job_node import WorkflowJobNode, WorkflowJobNodeInstanceGroup
from .node import WorkflowJobTemplateNode, WorkflowJobTemplateNodeInstanceGroup
from .template import WorkflowJobTemplate

__all__ = [
    "WorkflowApproval",
    "WorkflowApprovalTemplate",
    "WorkflowJob",
    "WorkflowJobInstanceGroup",
    "WorkflowJobNode",
    "WorkflowJobNodeInstanceGroup",
    "WorkflowJobTemplate",
    "WorkflowJobTemplateNode",
    "WorkflowJobTemplateNodeInstanceGroup",
]
