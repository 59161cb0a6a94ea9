"""Workflow templates, their jobs, and approvals as JSON."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from apps.core import links
from apps.core.errors import model_errors
from apps.core.fields import IDS, NAMES, OBJECT, JSONValue, parse_variables
from apps.core.serializers import iso
from apps.identity.models import Label
from apps.instances import environments
from apps.inventory.models import Inventory
from apps.jobs.serializers.shared import labels_of
from apps.unified.serializers import (
    JOB_FIELDS,
    JOB_LIST_FIELDS,
    JOB_SUMMARIES,
    TEMPLATE_FIELDS,
    TEMPLATE_SUMMARIES,
    UnifiedJobSerializer,
    UnifiedJobTemplateSerializer,
)

from .models import WorkflowApproval, WorkflowApprovalTemplate, WorkflowJob, WorkflowJobTemplate
from .models.template import WEBHOOK_SERVICES, WORKFLOW_PROMPTS

NO_PROCESS = {"execution_node", "controller_node", "execution_environment"}


def short_text() -> serializers.CharField:
    """A prompt's text; null where nothing is set."""
    return serializers.CharField(allow_blank=True, allow_null=True, required=False, default=None)


class WorkflowJobTemplateSerializer(UnifiedJobTemplateSerializer):
    """A workflow."""

    shows_recent = True
    limit = short_text()
    scm_branch = short_text()
    skip_tags = short_text()
    job_tags = short_text()

    class Meta:
        model = WorkflowJobTemplate
        fields = (
            *TEMPLATE_FIELDS, "extra_vars", "organization", "survey_enabled", "allow_simultaneous",
            "ask_variables_on_launch", "inventory", "limit", "scm_branch", "ask_inventory_on_launch",
            "ask_scm_branch_on_launch", "ask_limit_on_launch", "webhook_service", "webhook_credential",
            "ask_labels_on_launch", "ask_skip_tags_on_launch", "ask_tags_on_launch", "skip_tags", "job_tags",
        )  # fmt: skip
        read_only_fields = ("last_job_run", "last_job_failed", "next_job_run", "status")
        capabilities = {"edit": "change", "delete": "delete", "start": "execute", "schedule": "execute", "copy": "view"}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Also the labels."""
        out = super().summarize(objects)
        for pk, shown in labels_of(WorkflowJobTemplate, objects).items():
            out.setdefault(pk, {}).update(shown)
        return out

    def links(self, obj: WorkflowJobTemplate) -> dict[str, Any]:
        """Where the webhook's service sends to."""
        receiver = f"{self.get_url(obj)}{obj.webhook_service}/" if obj.webhook_service else ""
        return super().links(obj) | {"webhook_receiver": receiver}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A webhook's credential belongs to its service."""
        attrs = super().validate(attrs)
        credential = attrs.get("webhook_credential", getattr(self.instance, "webhook_credential", None))
        service = attrs.get("webhook_service", getattr(self.instance, "webhook_service", ""))
        if credential is not None:
            kind = credential.credential_type
            if kind.kind != "token" or not service or kind.namespace != f"{service}_token":
                raise serializers.ValidationError(
                    {"webhook_credential": ["It must be a personal access token of the webhook's service."]}
                )
        return attrs

    def create(self, validated_data: dict[str, Any]) -> WorkflowJobTemplate:
        """The short prompts share a column."""
        return self.stored(WorkflowJobTemplate(), validated_data)

    def update(self, instance: WorkflowJobTemplate, validated_data: dict[str, Any]) -> WorkflowJobTemplate:
        """Changes."""
        return self.stored(instance, validated_data)

    @staticmethod
    def stored(row: WorkflowJobTemplate, data: dict[str, Any]) -> WorkflowJobTemplate:
        """Write the given columns; a new webhook service gets a new key."""
        before = row.webhook_service
        for name, value in data.items():
            setattr(row, name, value)
        row.settle_webhook(before)
        row.save()
        return row


# described by the POST of the workflow jobs below a job template, which AWX offers and refuses to everyone
DESCRIBED = {
    "name", "description", "workflow_job_template", "extra_vars", "allow_simultaneous", "job_template", "inventory",
    "limit", "scm_branch", "webhook_service", "webhook_credential", "webhook_guid", "skip_tags", "job_tags",
    "is_sliced_job",
}  # fmt: skip


class WorkflowJobListSerializer(UnifiedJobSerializer):
    """A run of a workflow in a list."""

    limit = serializers.CharField(allow_null=True, required=False)
    scm_branch = serializers.CharField(allow_null=True, required=False)
    skip_tags = serializers.CharField(allow_null=True, required=False)
    job_tags = serializers.CharField(allow_null=True, required=False)
    webhook_service = serializers.ChoiceField(choices=(("", "---------"), *WEBHOOK_SERVICES), required=False)

    class Meta:
        model = WorkflowJob
        fields = (
            *(name for name in JOB_LIST_FIELDS if name not in NO_PROCESS), "workflow_job_template", "extra_vars",
            "allow_simultaneous", "job_template", "is_sliced_job", "inventory", "limit", "scm_branch",
            "webhook_service", "webhook_credential", "webhook_guid", "skip_tags", "job_tags",
        )  # fmt: skip
        read_only_fields = tuple(set(fields) - DESCRIBED)
        summaries = JOB_SUMMARIES | {
            "workflow_job_template": ("id", "name", "description"),
            "job_template": ("id", "name", "description"),
            "organization": ("id", "name", "description"),
        }
        capabilities = {"delete": "delete", "start": "start"}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Also the labels."""
        out = super().summarize(objects)
        for pk, shown in labels_of(WorkflowJob, objects).items():
            out.setdefault(pk, {}).update(shown)
        return out


class WorkflowJobSerializer(WorkflowJobListSerializer):
    """A run of a workflow."""

    class Meta(WorkflowJobListSerializer.Meta):
        fields = (
            *WorkflowJobListSerializer.Meta.fields,
            *(name for name in JOB_FIELDS if name not in JOB_LIST_FIELDS and name != "event_processing_finished"),
        )
        read_only_fields = fields


class WorkflowApprovalTemplateSerializer(UnifiedJobTemplateSerializer):
    """A question at a node."""

    class Meta:
        model = WorkflowApprovalTemplate
        fields = (*TEMPLATE_FIELDS, "execution_environment", "timeout")
        read_only_fields = ("last_job_run", "last_job_failed", "next_job_run", "status")
        summaries = TEMPLATE_SUMMARIES

    def links(self, obj: WorkflowApprovalTemplate) -> dict[str, Any]:
        """The questions asked."""
        return super().links(obj) | {"jobs": f"{self.get_url(obj)}approvals/"}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The workflow, and the environment that would be used."""
        out = super().summarize(objects)
        environment = environments.summary(environments.resolve())
        for obj in objects:
            workflow = obj.workflow
            if workflow is not None:
                shown = {"id": workflow.pk, "name": workflow.name, "description": workflow.description}
                out[obj.pk]["workflow_job_template"] = shown
            out[obj.pk] |= environment
        return out


class WorkflowApprovalListSerializer(UnifiedJobSerializer):
    """A question asked, in a list."""

    approval_expiration = serializers.SerializerMethodField()
    can_approve_or_deny = serializers.SerializerMethodField()

    class Meta:
        model = WorkflowApproval
        fields = (
            *(name for name in JOB_LIST_FIELDS if name not in {"execution_node", "controller_node"}),
            "can_approve_or_deny", "approval_expiration", "timed_out",
        )  # fmt: skip
        read_only_fields = fields
        summaries = JOB_SUMMARIES | {
            "workflow_approval_template": ("id", "name", "description", "timeout"),
            "approved_or_denied_by": ("id", "username", "first_name", "last_name"),
        }
        capabilities = {"delete": "delete", "start": "start"}

    def prepare(self, objects: Any) -> None:
        """Also who may answer, asked once for the page."""
        objects = list(objects)
        user = self.user
        held = {} if user.is_superuser else WorkflowApproval.held(user, objects)
        self._answers = {o.pk for o in objects if user.is_superuser or "approve" in held.get(o.pk, ())}
        super().prepare(objects)

    def get_approval_expiration(self, obj: WorkflowApproval) -> str | None:
        """Until when an answer is waited for."""
        return iso(obj.approval_expiration)

    def get_can_approve_or_deny(self, obj: WorkflowApproval) -> bool:
        """Whether the asker's word counts, and is still waited for."""
        return obj.status == "pending" and obj.pk in self._answers

    def links(self, obj: WorkflowApproval) -> dict[str, Any]:
        """The template."""
        out = super().links(obj)
        if obj.workflow_approval_template_id:
            here = f"{links.list_url('workflow_approval_templates')}{obj.workflow_approval_template_id}/"
            out["workflow_approval_template"] = here
        return out

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The workflow job under its second name, and its template."""
        out = super().summarize(objects)
        jobs = {s["source_workflow_job"]["id"] for s in out.values() if "source_workflow_job" in s}
        columns = (
            "pk",
            "workflow_job_template__id",
            "workflow_job_template__name",
            "workflow_job_template__description",
        )
        templates = {
            row[0]: row[1:] for row in WorkflowJob.objects.filter(pk__in=jobs).order_by().values_list(*columns)
        }
        for shown in out.values():
            workflow = shown.get("source_workflow_job")
            if workflow:
                names = ("id", "name", "description")
                shown["workflow_job"] = {name: workflow[name] for name in names}
                template = templates.get(workflow["id"])
                if template and template[0]:
                    shown["workflow_job_template"] = dict(zip(names, template, strict=True))
        return out


class WorkflowApprovalSerializer(WorkflowApprovalListSerializer):
    """A question asked."""

    class Meta(WorkflowApprovalListSerializer.Meta):
        fields = (
            *WorkflowApprovalListSerializer.Meta.fields,
            *(name for name in JOB_FIELDS if name not in JOB_LIST_FIELDS),
        )
        read_only_fields = fields


class NewApprovalSerializer(serializers.ModelSerializer):
    """What create_approval_template/ takes."""

    class Meta:
        model = WorkflowApprovalTemplate
        fields = ("name", "description", "timeout")


class RelaunchSerializer(serializers.Serializer):
    """What relaunch/ takes: nothing for the whole workflow, `{"from": "failed"}` for what is left of it."""

    def get_fields(self) -> dict[str, Any]:
        """The one field, whose name Python keeps for itself."""
        choices = (("start", "Start"), ("failed", "Failed"))
        return {"from": serializers.ChoiceField(choices=choices, required=False)}


class LaunchVariables(serializers.JSONField):
    """extra_vars of a launch: an object, or a text that holds one."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """400 for anything else."""
        try:
            return parse_variables(super().to_internal_value(data))
        except ModelError as error:
            raise serializers.ValidationError(model_errors(error)["__all__"]) from error


def switch() -> serializers.BooleanField:
    """A switch that GET launch/ shows."""
    return serializers.BooleanField(read_only=True)


class WorkflowLaunchSerializer(serializers.Serializer):
    """What launch/ shows and takes."""

    ask_inventory_on_launch = switch()
    ask_limit_on_launch = switch()
    ask_scm_branch_on_launch = switch()
    ask_variables_on_launch = switch()
    ask_labels_on_launch = switch()
    ask_skip_tags_on_launch = switch()
    ask_tags_on_launch = switch()
    can_start_without_user_input = switch()
    defaults = JSONValue(OBJECT)
    survey_enabled = switch()
    variables_needed_to_start = JSONValue(NAMES)
    node_templates_missing = JSONValue(IDS)
    node_prompts_rejected = JSONValue(IDS)
    workflow_job_template_data = JSONValue(OBJECT)

    extra_vars = LaunchVariables(required=False, write_only=True)
    inventory = serializers.PrimaryKeyRelatedField(
        queryset=Inventory.objects.all(), required=False, allow_null=True, write_only=True
    )
    limit = serializers.CharField(required=False, write_only=True, allow_blank=True, allow_null=True)
    scm_branch = serializers.CharField(required=False, write_only=True, allow_blank=True, allow_null=True)
    labels = serializers.PrimaryKeyRelatedField(
        many=True, queryset=Label.objects.all(), required=False, write_only=True
    )
    skip_tags = serializers.CharField(required=False, write_only=True, allow_blank=True, allow_null=True)
    job_tags = serializers.CharField(required=False, write_only=True, allow_blank=True, allow_null=True)

    class Meta:
        model = WorkflowJobTemplate  # for OPTIONS


def launch_facts(
    template: WorkflowJobTemplate, missing: list[int], rejected: list[int], needed: list[str]
) -> dict[str, Any]:
    """What GET launch/ says."""
    switches = {f"ask_{n}_on_launch": f"ask_{n}_on_launch" for n in ("inventory", "limit", "scm_branch", "variables",
                                                                     "labels", "skip_tags", "tags")}  # fmt: skip
    inventory = template.inventory
    defaults = {name: template.char_prompts.get(name) for name in WORKFLOW_PROMPTS}
    return {
        **{name: getattr(template, name) for name in switches},
        "can_start_without_user_input": not needed,
        "defaults": {
            "inventory": {"name": inventory.name if inventory else None, "id": inventory.pk if inventory else None},
            **defaults,
            "extra_vars": template.extra_vars,
            **({"labels": label_pairs(template)} if template.ask_labels_on_launch and template.labels.exists() else {}),
        },
        "survey_enabled": template.survey_enabled,
        "variables_needed_to_start": needed,
        "node_templates_missing": missing,
        "node_prompts_rejected": rejected,
        "workflow_job_template_data": {
            "name": template.name, "id": template.pk, "description": template.description,
        },
    }  # fmt: skip


def label_pairs(template: WorkflowJobTemplate) -> list[dict[str, Any]]:
    """The template's labels as defaults of a launch."""
    return [{"id": label.pk, "name": label.name} for label in template.labels.order_by("name")]
