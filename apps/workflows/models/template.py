"""Workflow job templates: a graph of templates that start each other."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from apps.core.fields import EncryptedTextField, VariablesField
from apps.jobs.webhooks import new_key
from apps.rbac.mixins import RoleModel
from apps.unified.models import UnifiedJobTemplate
from apps.unified.prompts import ShortPrompts

WORKFLOW_PROMPTS = ("limit", "scm_branch", "job_tags", "skip_tags")
WEBHOOK_SERVICES = (("github", "GitHub"), ("gitlab", "GitLab"), ("bitbucket_dc", "BitBucket DataCenter"))


class WorkflowJobTemplate(RoleModel, ShortPrompts, UnifiedJobTemplate):
    """What a workflow is launched from; its nodes are WorkflowJobTemplateNode."""

    unique_names = True

    short_prompts = WORKFLOW_PROMPTS

    extra_vars = VariablesField()
    ask_variables_on_launch = models.BooleanField(default=False)
    ask_inventory_on_launch = models.BooleanField(default=False)
    ask_limit_on_launch = models.BooleanField(default=False)
    ask_scm_branch_on_launch = models.BooleanField(default=False)
    ask_labels_on_launch = models.BooleanField(default=False)
    ask_tags_on_launch = models.BooleanField(default=False)
    ask_skip_tags_on_launch = models.BooleanField(default=False)
    survey_enabled = models.BooleanField(default=False)
    survey_spec = models.JSONField(default=dict, blank=True, editable=False)
    allow_simultaneous = models.BooleanField(default=False)
    webhook_service = models.CharField(max_length=16, choices=WEBHOOK_SERVICES, blank=True, default="")
    webhook_key = EncryptedTextField(blank=True, default="", editable=False)
    webhook_credential = models.ForeignKey(
        "credentials.Credential",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        related_name="workflowjobtemplates",
    )
    notification_templates_approvals = models.ManyToManyField(
        "notifications.NotificationTemplate", related_name="workflowjobtemplate_notification_templates_for_approvals"
    )

    def clean(self) -> None:
        """Names are unique within an organization, and among the workflows without one."""
        super().clean()
        same = WorkflowJobTemplate.objects.filter(name=self.name, organization_id=self.organization_id)
        if self.name and same.exclude(pk=self.pk).exists():
            raise ValidationError("A workflow job template of this name already exists in the organization.")

    def settle_webhook(self, before: str) -> None:
        """Another webhook service means a new key; without a service there is neither key nor credential."""
        if self.webhook_service and (self.webhook_service != before or not self.webhook_key):
            self.webhook_key = new_key()
        elif not self.webhook_service:
            self.webhook_key, self.webhook_credential = "", None
