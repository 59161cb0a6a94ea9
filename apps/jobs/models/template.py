"""Job templates: a playbook of a project, an inventory, and how to run the one on the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from apps.core.fields import EncryptedTextField
from apps.credentials.services.injection import passwords_needed
from apps.rbac.mixins import RoleModel
from apps.unified.models import UnifiedJobTemplate

from .options import PlaybookOptions


class JobTemplate(RoleModel, PlaybookOptions, UnifiedJobTemplate):
    """What jobs are launched from. Its organization is that of its project."""

    unique_names = True

    ask_diff_mode_on_launch = models.BooleanField(default=False)
    ask_variables_on_launch = models.BooleanField(default=False)
    ask_limit_on_launch = models.BooleanField(default=False)
    ask_tags_on_launch = models.BooleanField(default=False)
    ask_skip_tags_on_launch = models.BooleanField(default=False)
    ask_job_type_on_launch = models.BooleanField(default=False)
    ask_verbosity_on_launch = models.BooleanField(default=False)
    ask_inventory_on_launch = models.BooleanField(default=False)
    ask_credential_on_launch = models.BooleanField(default=False)
    ask_scm_branch_on_launch = models.BooleanField(default=False)
    ask_execution_environment_on_launch = models.BooleanField(default=False)
    ask_labels_on_launch = models.BooleanField(default=False)
    ask_forks_on_launch = models.BooleanField(default=False)
    ask_job_slice_count_on_launch = models.BooleanField(default=False)
    ask_timeout_on_launch = models.BooleanField(default=False)
    ask_instance_groups_on_launch = models.BooleanField(default=False)
    survey_enabled = models.BooleanField(default=False)
    survey_spec = models.JSONField(default=dict, blank=True, editable=False)  # secret defaults are encrypted texts
    host_config_key = EncryptedTextField(max_length=1024, default="", blank=True)
    webhook_key = EncryptedTextField(default="", blank=True, editable=False)
    prevent_instance_group_fallback = models.BooleanField(default=False)
    custom_virtualenv = models.CharField(max_length=100, null=True, default=None, editable=False)  # noqa: DJ001  (null in the API)

    class Meta:
        ordering = ("name",)

    def clean(self) -> None:
        """Names are unique within an organization, and among the templates without one."""
        super().clean()
        organization_id = self.project.organization_id if self.project_id else None
        same = JobTemplate.objects.filter(name=self.name, organization_id=organization_id)
        if self.name and same.exclude(pk=self.pk).exists():
            raise ValidationError("A job template of this name already exists in the organization.")

    def prompt_errors(self, prompts: Mapping[str, Any]) -> dict[str, list[str]]:
        """What a schedule or a workflow node cannot do with this template, whatever it asks for."""
        out: dict[str, list[str]] = {}
        lacking = [name for name in ("project", "inventory") if getattr(self, f"{name}_id") is None]
        lacking = [name for name in lacking if not (self.ask_inventory_on_launch and prompts.get(name))]
        if lacking:
            out["resources_needed_to_start"] = [f"The template has no {name}." for name in lacking]
        if not self.ask_credential_on_launch:
            credentials = self.credentials.select_related("credential_type")
            if any(passwords_needed(credential) for credential in credentials):
                out["passwords_needed_to_start"] = ["What starts by itself cannot ask for passwords."]
        return out

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The organization follows the project."""
        organization_id = self.project.organization_id if self.project_id else None
        if organization_id != self.organization_id:
            self.organization_id = organization_id
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "organization"}
        super().save(*args, **kwargs)
