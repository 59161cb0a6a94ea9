"""Projects and their updates as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from rest_framework import serializers

from apps.core import links
from apps.core.serializers import COMMON, ResourceSerializer
from apps.instances import environments
from apps.unified.event_serializers import EventSerializer
from apps.unified.events_models import DISPLAY, ProjectUpdateEvent
from apps.unified.models.job import JOB_STATUSES
from apps.unified.serializers import (
    JOB_FIELDS,
    JOB_LIST_FIELDS,
    TEMPLATE_FIELDS,
    UnifiedJobSerializer,
    UnifiedJobTemplateSerializer,
)

from . import sources
from .models import Project, ProjectUpdate

SOURCE = (
    "local_path", "scm_type", "scm_url", "scm_branch", "scm_refspec", "scm_clean", "scm_track_submodules",
    "scm_delete_on_update", "credential", "timeout", "scm_revision",
)  # fmt: skip
# options that only some kinds of source have
ONLY = {
    "scm_branch": ("", "git", "svn", "insights"),
    "scm_refspec": ("git",),
    "scm_track_submodules": ("git",),
}
# what a manual project cannot ask for, whether it is asked now or was before
UPDATING = ("scm_update_on_launch", "scm_delete_on_update", "scm_track_submodules", "scm_clean")
FIXED_URLS = {"": "", "insights": "https://example.org"}
STATUSES = (*JOB_STATUSES, ("never updated", "Never Updated"), ("ok", "OK"), ("missing", "Missing"))


class ProjectSerializer(UnifiedJobTemplateSerializer):
    """Playbooks under version control, or in a directory of the server."""

    status = serializers.ChoiceField(choices=STATUSES, read_only=True)
    last_update_failed = serializers.BooleanField(read_only=True)
    last_updated = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta(UnifiedJobTemplateSerializer.Meta):
        model = Project
        fields = (
            *TEMPLATE_FIELDS, *SOURCE, "organization", "scm_update_on_launch", "scm_update_cache_timeout",
            "allow_override", "custom_virtualenv", "default_environment", "last_update_failed", "last_updated",
            "signature_validation_credential",
        )  # fmt: skip
        read_only_fields = (*UnifiedJobTemplateSerializer.Meta.read_only_fields, "scm_revision", "custom_virtualenv")
        summaries: ClassVar[dict[str, Any]] = {
            "signature_validation_credential": (
                "id", "name", "description", "kind=credential_type__namespace", "credential_type_id",
            )
        }  # fmt: skip
        capabilities = {"edit": "change", "delete": "delete", "start": "update", "schedule": "update", "copy": "copy"}

    def links(self, obj: Project) -> dict[str, Any]:
        """The list of inventory files has another name than its path; manual projects are not updated."""
        url = self.get_url(obj)
        out: dict[str, Any] = {"inventory_files": f"{url}inventories/", "inventories": None}
        if obj.last_job_id:
            out["last_update"] = f"{links.list_url('project_updates')}{obj.last_job_id}/"
        if obj.current_job_id:
            out["current_update"] = f"{links.list_url('project_updates')}{obj.current_job_id}/"
        return super().links(obj) | out

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Details say which environment updates run in: always that of the control plane."""
        out = super().summarize(objects)
        if "pk" in getattr(self.context.get("view"), "kwargs", {}):
            for obj in objects:
                out[obj.pk] = out.get(obj.pk, {}) | environments.summary(environments.control_plane())
        return out

    def validate_scm_branch(self, value: str) -> str:
        """No option of git."""
        return checked(sources.check_reference, value)

    def validate_scm_refspec(self, value: str) -> str:
        """No option of git."""
        return checked(sources.check_refspec, value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Source, options, credential and path fit together."""
        base = self.instance if self.instance is not None and self.partial else Project()
        names = {*ONLY, *UPDATING, "scm_type", "scm_url", "credential", "local_path"}
        whole = {name: attrs.get(name, getattr(base, name)) for name in names}
        for field, kinds in ONLY.items():
            if attrs.get(field) and whole["scm_type"] not in kinds:
                refuse(field, "This kind of project has no such option.")
        for field in UPDATING:
            if whole[field] and not whole["scm_type"]:
                refuse(field, "A manual project is not updated.")
        self.check_url(whole, attrs)
        self.check_credential(whole, attrs)
        self.check_path(whole, attrs)
        self.check_override(attrs)
        return super().validate(attrs)

    @staticmethod
    def check_url(whole: dict[str, Any], attrs: dict[str, Any]) -> None:
        """The address; manual projects have none, and that of Insights is a setting."""
        if whole["scm_type"] in FIXED_URLS:
            attrs["scm_url"] = FIXED_URLS[whole["scm_type"]]
            return
        try:
            sources.check_url(whole["scm_type"], whole["scm_url"] or "")
        except sources.BadSource as error:
            refuse("scm_url", str(error))

    @staticmethod
    def check_credential(whole: dict[str, Any], attrs: dict[str, Any]) -> None:
        """Of the kind that the source takes; a manual project has none."""
        wanted = "insights" if whole["scm_type"] == "insights" else "scm"
        if not whole["scm_type"]:
            attrs["credential"] = None
        elif whole["credential"] is not None and whole["credential"].credential_type.kind != wanted:
            refuse("credential", f"This must be a credential of the kind {wanted}.")
        elif wanted == "insights" and whole["credential"] is None:
            refuse("credential", "An Insights project needs its credential.")
        signer = attrs.get("signature_validation_credential")
        if signer is not None and signer.credential_type.kind != "cryptography":
            refuse("signature_validation_credential", "This must be a credential of the kind cryptography.")

    def check_path(self, whole: dict[str, Any], attrs: dict[str, Any]) -> None:
        """A manual project's directory is there, directly below PROJECTS_ROOT; the others' are given.

        A new project of another kind may name one, as exports do: it gets its own all the same.
        """
        path = attrs.get("local_path")
        if whole["scm_type"]:
            if path and self.instance is not None and path != self.instance.local_path:
                refuse("local_path", "The directory of this kind of project cannot be chosen.")
            attrs.pop("local_path", None)
        elif path:
            root = Path(settings.PROJECTS_ROOT).resolve()
            place = (root / path).resolve()
            foreign = path.startswith((".", "_")) and (self.instance is None or path != self.instance.local_path)
            if foreign or place.parent != root or not place.is_dir():
                refuse("local_path", "There is no such directory below the projects' root.")
            if Project.objects.filter(local_path=path).exclude(pk=self.instance and self.instance.pk).exists():
                refuse("local_path", "Another project has this directory.")

    def check_override(self, attrs: dict[str, Any]) -> None:
        """Other branches can only be forbidden while no template uses one."""
        now = self.instance
        if now is None or not now.allow_override or attrs.get("allow_override", True):
            return
        templates = apps.get_model("jobs", "JobTemplate").objects.filter(project=now)
        if templates.exclude(scm_branch="").exists() or templates.filter(ask_scm_branch_on_launch=True).exists():
            refuse("allow_override", "A job template of this project uses another branch.")


def refuse(field: str, sentence: str) -> None:
    """400 on one field."""
    raise serializers.ValidationError({field: [sentence]})


def checked(check: Any, value: str) -> str:
    """A value that passes a check of sources."""
    try:
        if value:
            check(value)
    except sources.BadSource as error:
        raise serializers.ValidationError(str(error)) from error
    return value


UPDATE = ("project", "job_type", "job_tags", *SOURCE)


class ProjectUpdateListSerializer(UnifiedJobSerializer):
    """An update in a list."""

    class Meta(UnifiedJobSerializer.Meta):
        model = ProjectUpdate
        fields = tuple(f for f in (*JOB_LIST_FIELDS, *UPDATE) if f != "controller_node")
        read_only_fields = fields
        unlinked = ("credential", "modified_by")
        summaries = {
            **UnifiedJobSerializer.Meta.summaries,
            "organization": ("id", "name", "description"),
            "instance_group": ("id", "name", "is_container_group"),
            "modified_by": None,
        }


class ProjectUpdateSerializer(ProjectUpdateListSerializer):
    """An update in full."""

    host_status_counts = serializers.JSONField(read_only=True, default=dict)
    playbook_counts = serializers.SerializerMethodField()

    class Meta(ProjectUpdateListSerializer.Meta):
        fields = (
            *(f for f in (*JOB_FIELDS, *UPDATE) if f != "controller_node"), "host_status_counts", "playbook_counts",
        )  # fmt: skip
        read_only_fields = fields

    def get_playbook_counts(self, obj: ProjectUpdate) -> dict[str, int]:
        """An update runs no playbook."""
        return {"play_count": 0, "task_count": 0}


class ProjectUpdateEventSerializer(EventSerializer, ResourceSerializer):
    """An event of an update."""

    event = serializers.ChoiceField(choices=tuple(DISPLAY.items()), read_only=True)
    event_level = serializers.IntegerField(read_only=True)

    class Meta:
        model = ProjectUpdateEvent
        fields = (
            *COMMON, "event", "counter", "event_display", "event_data", "event_level", "failed", "changed", "uuid",
            "host_name", "playbook", "play", "task", "role", "stdout", "start_line", "end_line", "verbosity",
            "project_update",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"project_update": ("id", "name", "description", "status", "failed")}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`role` is an old entry that stays empty."""
        return {obj.pk: {"role": {}} for obj in objects}
