"""Approvals: a node at which a workflow waits for someone's word."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.unified.models import UnifiedJob, UnifiedJobTemplate


class WorkflowApprovalTemplate(UnifiedJobTemplate):
    """What is asked, and how long the answer may take (seconds; 0 for ever)."""

    timeout = models.IntegerField(default=0, blank=True)


class WorkflowApproval(UnifiedJob):
    """One question; while it is `pending` it waits for approve/ or deny/."""

    workflow_approval_template = models.ForeignKey(
        WorkflowApprovalTemplate, models.SET_NULL, null=True, default=None, related_name="approvals"
    )
    timeout = models.IntegerField(default=0, editable=False)
    expires = models.DateTimeField(null=True, default=None, editable=False, db_index=True)
    timed_out = models.BooleanField(default=False, editable=False)
    approved_or_denied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )
