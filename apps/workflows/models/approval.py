"""Approvals: a node at which a workflow waits for someone's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

from apps.rbac.mixins import visible_q
from apps.unified.models import UnifiedJob, UnifiedJobTemplate
from apps.unified.models.job import held_on

from .template import WorkflowJobTemplate

NODE = "workflowjobtemplatenodes__workflow_job_template"


class ApprovalTemplateQuerySet(models.QuerySet):
    """Rows by the rights on the workflow whose node asks."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """Approval templates of workflows that allow `action`; to delete one is to change the workflow."""
        return self.filter(
            visible_q(WorkflowJobTemplate, user, NODE, "change" if action == "delete" else action)
        ).distinct()

    def visible_to(self, user: Any) -> Any:
        """Approval templates of workflows that the user may read."""
        return self.permitted_to(user, "view")


class WorkflowApprovalTemplate(UnifiedJobTemplate):
    """What is asked, and how long the answer may take (seconds; 0 for ever)."""

    timeout = models.IntegerField(default=0, blank=True)

    objects = ApprovalTemplateQuerySet.as_manager()

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """What the workflows allow whose nodes ask."""
        objects = list(objects)
        rows = cls.objects.filter(pk__in=[obj.pk for obj in objects]).values_list("pk", NODE)
        workflows = defaultdict(set)
        for pk, workflow in rows:
            workflows[pk].add(workflow)
        ids = set().union(*workflows.values()) - {None}
        above = WorkflowJobTemplate.held(user, WorkflowJobTemplate.objects.filter(pk__in=ids)) if ids else {}
        out = {}
        for obj in objects:
            actions = set().union(*(above.get(pk, set()) for pk in workflows[obj.pk]))
            out[obj.pk] = actions - {"delete"} | ({"delete"} if "change" in actions else set())
        return out

    @property
    def workflow(self) -> WorkflowJobTemplate | None:
        """The workflow whose node asks."""
        return WorkflowJobTemplate.objects.filter(workflow_job_template_nodes__unified_job_template=self.pk).first()


class WorkflowApproval(UnifiedJob):
    """One question; while it is `pending` it waits for approve/ or deny/."""

    rights_map = {"start": "execute", "cancel": "change"}

    workflow_approval_template = models.ForeignKey(
        WorkflowApprovalTemplate, models.SET_NULL, null=True, default=None, related_name="approvals"
    )
    timeout = models.IntegerField(default=0, editable=False)
    expires = models.DateTimeField(null=True, default=None, editable=False, db_index=True)
    timed_out = models.BooleanField(default=False, editable=False)
    approved_or_denied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )

    @classmethod
    def held_by_parent(cls, user: Any, objects: list[Any]) -> dict[int, set[str]]:
        """As every job; who approves is a right on the workflow too."""
        out = super().held_by_parent(user, objects)
        parents = held_on(user, cls._meta.get_field("unified_job_template"), objects)
        for obj in objects:
            if "approve" in parents.get(obj.unified_job_template_id, ()):
                out[obj.pk].add("approve")
        return out

    @property
    def approval_expiration(self) -> datetime | None:
        """Until when an answer is waited for; None where it does not end, or is over."""
        return self.expires if self.status == "pending" else None
