"""A job template as JSON, and what a client may set in it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.conf import live
from apps.core.crypto import MASK
from apps.core.serializers import NAMED
from apps.instances import environments
from apps.jobs.models import JobTemplate
from apps.projects.services.playbooks import playbooks
from apps.unified.models import JOB_STATUSES
from apps.unified.serializers import TEMPLATE_SUMMARIES, UnifiedJobTemplateSerializer

from .shared import credentials_of, labels_of

ASKS = tuple(
    f"ask_{name}_on_launch"
    for name in (
        *("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory"),
        *("credential", "execution_environment", "labels", "forks", "job_slice_count", "timeout", "instance_groups"),
    )
)
PLAYBOOK = (
    *("job_type", "inventory", "project", "playbook", "scm_branch", "forks", "limit", "verbosity", "extra_vars"),
    *("job_tags", "force_handlers", "skip_tags", "start_at_task", "timeout", "use_fact_cache"),
)


def leading_dash(value: str | None) -> str | None:
    """Refuse text that a program could take for an option."""
    if value is not None and value.startswith("-"):
        raise serializers.ValidationError("This may not begin with '-'.")
    return value


class JobTemplateSerializer(UnifiedJobTemplateSerializer):
    """The key of provisioning callbacks is shown to those who may change the template."""

    shows_recent = True
    status = serializers.ChoiceField(choices=(*JOB_STATUSES, ("never updated", "Never Updated")), read_only=True)

    class Meta:
        model = JobTemplate
        fields = (
            *NAMED, *PLAYBOOK, "organization", "last_job_run", "last_job_failed", "next_job_run", "status",
            "execution_environment", "host_config_key", *ASKS, "survey_enabled", "become_enabled", "diff_mode",
            "allow_simultaneous", "custom_virtualenv", "job_slice_count", "webhook_service", "webhook_credential",
            "prevent_instance_group_fallback",
        )  # fmt: skip
        read_only_fields = (
            "organization", "last_job_run", "last_job_failed", "next_job_run", "custom_virtualenv",
        )  # fmt: skip
        capabilities = {"edit": "change", "delete": "delete", "start": "execute", "schedule": "execute", "copy": "copy"}
        summaries = TEMPLATE_SUMMARIES

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Also labels, credentials, the survey's title, and in a detail the environment that counts."""
        out = super().summarize(objects)
        for source in (labels_of(JobTemplate, objects), credentials_of(JobTemplate, objects)):
            for pk, entries in source.items():
                out[pk] |= entries
        for obj in objects:
            survey = obj.survey_spec
            if "name" in survey:
                out[obj.pk]["survey"] = {"title": survey["name"], "description": survey.get("description", "")}
            if self.context.get("detail") and self.context["request"].method == "GET":
                found = obj.execution_environment or environments.resolve(obj.project, obj.organization)
                out[obj.pk] |= environments.summary(found)
        return out

    def links(self, obj: JobTemplate) -> dict[str, Any]:
        """Also where callbacks and webhooks are received."""
        url = self.get_url(obj)
        out = super().links(obj) | {"webhook_receiver": f"{url}{obj.webhook_service}/" if obj.webhook_service else ""}
        return out | ({"callback": f"{url}callback/"} if obj.host_config_key else {})

    def to_representation(self, instance: JobTemplate) -> dict[str, Any]:
        """Mask the callback key for those who only read; a playbook without its project is none."""
        out = super().to_representation(instance)
        if instance.project_id is None:
            out["playbook"] = ""
        if out["host_config_key"] and not out["summary_fields"]["user_capabilities"]["edit"]:
            out["host_config_key"] = MASK
        return out

    def validate_forks(self, value: int) -> int:
        """Within MAX_FORKS."""
        most = live.get("MAX_FORKS")
        if most and value > most:
            raise serializers.ValidationError(f"At most {most} forks are allowed.")
        return value

    def validate_playbook(self, value: str | None) -> str | None:
        """No option of ansible-playbook."""
        return leading_dash(value)

    def validate_scm_branch(self, value: str | None) -> str | None:
        """No option of git."""
        return leading_dash(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Project, playbook, inventory, branch, callback key and webhook fit together."""
        if attrs.get("host_config_key") == MASK:
            attrs.pop("host_config_key")
        whole = Whole(self, attrs)
        for check in (check_project, check_inventory, check_branch, check_webhook):
            check(whole)
        return super().validate(attrs)


class Whole:
    """The template as it would be: what is given, else what it is (on PUT: the default)."""

    def __init__(self, serializer: JobTemplateSerializer, attrs: dict[str, Any]) -> None:
        self.attrs = attrs
        keep = serializer.instance is not None and serializer.partial
        self.base = serializer.instance if keep else JobTemplate()

    def __getattr__(self, name: str) -> Any:
        return self.attrs[name] if name in self.attrs else getattr(self.base, name)


def refuse(field: str, sentence: str) -> None:
    """400 on one field."""
    raise serializers.ValidationError({field: [sentence]})


def check_project(whole: Whole) -> None:
    """A project, and a playbook that it has."""
    if whole.project is None:
        refuse("project", "A job template needs a project.")
    if not whole.playbook:
        refuse("playbook", "Choose a playbook of the project.")
    if "playbook" in whole.attrs or "project" in whole.attrs:
        checked = not (whole.project.scm_type and whole.project.allow_override)
        if checked and whole.playbook not in playbooks(whole.project):
            refuse("playbook", "The project has no such playbook.")


def check_inventory(whole: Whole) -> None:
    """An inventory, now or at launch; a callback needs it now."""
    if whole.inventory is not None:
        return
    if whole.host_config_key:
        refuse("host_config_key", "Provisioning callbacks need an inventory.")
    if not whole.ask_inventory_on_launch:
        refuse("inventory", "Give an inventory, or let the launch ask for it.")


def check_branch(whole: Whole) -> None:
    """Another branch only where the project allows it."""
    if whole.project.allow_override:
        return
    for field in ("scm_branch", "ask_scm_branch_on_launch"):
        if getattr(whole, field):
            refuse(field, "The project does not allow another branch.")


def check_webhook(whole: Any) -> None:
    """A token of the service that sends."""
    credential = whole.webhook_credential
    if credential is None:
        return
    if not whole.webhook_service:
        refuse("webhook_credential", "A webhook credential needs a webhook service.")
    if credential.credential_type.namespace != f"{whole.webhook_service}_token":
        refuse("webhook_credential", "The credential is no token of the webhook's service.")
