"""Inventory sources and their updates as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from apps.core import links
from apps.core.fields import parse_variables
from apps.core.serializers import COMMON, NAMED, ResourceSerializer
from apps.core.summaries import fetch
from apps.credentials.environment import refusal
from apps.credentials.models import Credential
from apps.instances import environments
from apps.inventory.models import InventorySource, InventoryUpdate
from apps.inventory.models.source import VERBOSITIES
from apps.inventory.services.credentials import first_cloud, misfit
from apps.projects.models import Project
from apps.unified.event_serializers import PrintedEventSerializer
from apps.unified.models import JOB_STATUSES, InventoryUpdateEvent
from apps.unified.serializers import (
    JOB_FIELDS,
    JOB_LIST_FIELDS,
    JOB_SUMMARIES,
    TEMPLATE_FIELDS,
    TEMPLATE_SUMMARIES,
    UnifiedJobSerializer,
    UnifiedJobTemplateSerializer,
)

BLOCKED = ("HOME", "USER", "_", "TERM", "PATH")  # of every process
OPTIONS = (
    "source", "source_path", "source_vars", "scm_branch", "credential", "enabled_var", "enabled_value", "host_filter",
    "overwrite", "overwrite_vars", "custom_virtualenv", "timeout", "verbosity", "limit",
)  # fmt: skip
STATUSES = (*JOB_STATUSES, ("never updated", "Never Updated"), ("none", "No External Source"))
PROJECT_SUMMARY = ("id", "name", "description", "status", "scm_type", "allow_override")
OF_CONSTRUCTED = ("source_vars", "update_cache_timeout", "limit", "verbosity")  # what may change in its source


def readable_variables(text: str | None, *, as_environment: bool = False) -> str | None:
    """Source variables that can be read; those that become environment variables must be harmless."""
    if not text:
        return text
    try:
        names = parse_variables(text)
    except ModelError as error:
        raise serializers.ValidationError(error.messages) from error
    for name in names:
        if name in BLOCKED:
            raise serializers.ValidationError(f"{name} cannot be set by a source.")
        reason = refusal(str(name)) if as_environment else None
        if reason:
            raise serializers.ValidationError(reason)
    return text


def credential_summaries(through: Any, owner: str, objects: list[Any]) -> dict[int, list[dict[str, Any]]]:
    """The credentials of a page of sources or updates, in one query."""
    out: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = through.objects.filter(**{f"{owner}__in": [obj.pk for obj in objects]}).order_by("id")
    path = "credential__"
    columns = ("id", "name", "description", "credential_type__namespace", "credential_type__kind", "credential_type_id")
    for pk, *values in rows.values_list(f"{owner}_id", *(path + column for column in columns)):
        shown = dict(zip(("id", "name", "description", "kind", "cloud", "credential_type_id"), values, strict=True))
        out[pk].append(shown | {"cloud": shown["cloud"] == "cloud"})
    return out


def add_credentials(out: dict[int, dict[str, Any]], found: dict[int, list[dict[str, Any]]], objects: list[Any]) -> None:
    """`credentials`, and `credential` where there is one that is not for a vault."""
    for obj in objects:
        out[obj.pk]["credentials"] = found[obj.pk]
        one = next((c for c in found[obj.pk] if c["kind"] != "vault"), None)
        if one is not None:
            out[obj.pk]["credential"] = one


def shown_credential(serializer: Any, obj: Any) -> int | None:
    """The id of the one credential, from what was prepared for the page."""
    shown = (serializer._prepared or {})[obj.pk].get("credential")
    return shown["id"] if shown else None


class WithCredential:
    """`credential`: the one that is not for a vault, as a number beside the list."""

    @classmethod
    def plan(cls) -> list[Any]:
        """It is no column."""
        found = super().plan()  # type: ignore[misc]
        return [(name, shown_credential if name == "credential" else read) for name, read in found]


class InventorySourceSerializer(WithCredential, UnifiedJobTemplateSerializer):
    """A source."""

    credential = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="The credential for the cloud."
    )
    source = serializers.ChoiceField(
        choices=InventorySource._meta.get_field("source").choices, required=False, default=None, allow_null=True
    )
    verbosity = serializers.ChoiceField(choices=VERBOSITIES, required=False, default=1)
    status = serializers.ChoiceField(choices=STATUSES, read_only=True)
    last_update_failed = serializers.BooleanField(source="last_job_failed", read_only=True)
    last_updated = serializers.DateTimeField(source="last_job_run", read_only=True, allow_null=True)

    class Meta:
        model = InventorySource
        fields = (
            *TEMPLATE_FIELDS, *OPTIONS, "execution_environment", "inventory", "update_on_launch",
            "update_cache_timeout", "source_project", "last_update_failed", "last_updated",
        )  # fmt: skip
        read_only_fields = ("last_job_run", "last_job_failed", "next_job_run", "status", "custom_virtualenv")
        capabilities = {"edit": "change", "delete": "delete", "start": "update", "schedule": "update"}
        summaries = {
            **TEMPLATE_SUMMARIES,
            "source_project": PROJECT_SUMMARY,
            "organization": ("id", "name", "description"),
        }
        extra_kwargs = {"inventory": {"required": True, "allow_null": False}}

    def links(self, obj: InventorySource) -> dict[str, str]:
        """The credential, and the jobs under their other names."""
        out = super().links(obj)
        for job, update in (("last_job", "last_update"), ("current_job", "current_update")):
            if job in out:
                out[update] = out[job]
        credential = (self._prepared or {})[obj.pk].get("credential")
        if credential:
            out["credential"] = f"{links.list_url('credentials')}{credential['id']}/"
        return out

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """Credentials, and the environment that updates run in."""
        out = super().summarize(objects)
        through = InventorySource.credentials.through
        add_credentials(out, credential_summaries(through, "unifiedjobtemplate", objects), objects)
        below = "pk" in getattr(self.context.get("view"), "kwargs", {})  # a detail, or the list below an object
        environment = environments.summary(environments.control_plane()) if below else {}
        for obj in objects:
            entries = out[obj.pk]
            if obj.execution_environment_id is None:
                entries |= environment
            for job in ("last_job", "last_update"):
                if job in entries:
                    entries[job]["license_error"] = False
        return out

    # --- writing -------------------------------------------------------------------------------------------------

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A new source must say what it is, together with all else that is missing."""
        missing = self.instance is None and data.get("source") in (None, "")
        try:
            attrs = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if missing:
                cast("dict[str, Any]", error.detail)["source"] = ["This field is required."]
            raise
        if missing or ("source" in data and data["source"] in (None, "")):
            raise serializers.ValidationError({"source": ["This field is required."]})
        if self.instance is not None and "source" not in data:
            attrs.pop("source", None)
        return attrs

    def validate_inventory(self, inventory: Any) -> Any:
        """Smart and constructed inventories have no sources of one's own."""
        if inventory is not None and inventory.is_computed:
            raise serializers.ValidationError({"detail": f"A {inventory.kind} inventory takes no further source."})
        return inventory

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The source, its project and its credential fit together."""
        credential = attrs.pop("credential", None) if "credential" in attrs else Ellipsis
        current = self.instance

        def value(name: str) -> Any:
            return attrs.get(name, getattr(current, name) if current is not None else None)

        self.check_constructed(attrs)
        self.check_project(attrs, value)
        if "source_vars" in attrs or "source" in attrs:
            try:
                readable_variables(value("source_vars"), as_environment=value("source") == "scm")
            except serializers.ValidationError as error:
                raise serializers.ValidationError({"source_vars": error.detail}) from error
        attrs = super().validate(attrs)
        self.check_name(value("inventory"), value("name"))
        if credential is not Ellipsis or current is None:
            attrs["credential"] = self.checked_credential(value("source"), cast("int | None", credential or None))
        return attrs

    def check_constructed(self, attrs: dict[str, Any]) -> None:
        """The one source of a constructed inventory is fixed but for its options."""
        current = self.instance
        if current is None or current.inventory is None or current.inventory.kind != "constructed":
            if attrs.get("source") == "constructed":
                raise serializers.ValidationError({"source": ["Only constructed inventories have such a source."]})
            return
        for name, value in attrs.items():
            if name not in OF_CONSTRUCTED and hasattr(current, name) and getattr(current, name) != value:
                raise serializers.ValidationError(
                    {"error": [f"{name} cannot change: the source belongs to a constructed inventory."]}
                )

    @staticmethod
    def check_project(attrs: dict[str, Any], value: Any) -> None:
        """A project belongs to sources of the kind scm, and to them alone."""
        project = value("source_project")
        if value("source") == "scm":
            if project is None:
                raise serializers.ValidationError({"source_project": ["A source of the kind scm needs a project."]})
        else:
            extra = [name for name in ("source_project", "source_path", "scm_branch") if attrs.get(name)]
            if extra:
                raise serializers.ValidationError({"detail": [f"Only for the kind scm: {', '.join(extra)}."]})
        branch = value("scm_branch")
        if branch and project is not None and not project.allow_override:
            raise serializers.ValidationError({"scm_branch": ["The project does not allow another branch."]})
        if branch and branch.startswith("-"):
            raise serializers.ValidationError({"scm_branch": ["The name of a branch does not begin with a dash."]})
        path = value("source_path") or ""
        if path.startswith(("/", "-")) or ".." in path.split("/"):
            raise serializers.ValidationError({"source_path": ["The path lies inside the project."]})

    def check_name(self, inventory: Any, name: str) -> None:
        """Names are unique in an inventory."""
        rows = InventorySource.objects.filter(inventory=inventory, name=name)
        if self.instance is not None:
            rows = rows.exclude(pk=self.instance.pk)
        if rows.exists():
            raise serializers.ValidationError({"__all__": ["A source of this name already exists in the inventory."]})

    @staticmethod
    def checked_credential(source: str, pk: int | None) -> Credential | None:
        """The credential, which must be of the kind that the source needs."""
        credential = None
        if pk is not None:
            credential = Credential.objects.select_related("credential_type").filter(pk=pk).first()
            if credential is None:
                raise serializers.ValidationError({"credential": [f"There is no credential with the id {pk}."]})
        reason = misfit(source, credential)
        if reason:
            raise serializers.ValidationError({"credential": [reason]})
        return credential

    def create(self, validated_data: dict[str, Any]) -> InventorySource:
        """The source and its credential."""
        credential = validated_data.pop("credential", None)
        source = super().create(validated_data)
        if credential is not None:
            source.credentials.add(credential)
        return source

    def update(self, instance: InventorySource, validated_data: dict[str, Any]) -> InventorySource:
        """The credential takes the place of the one before."""
        change = "credential" in validated_data
        credential = validated_data.pop("credential", None)
        source = super().update(instance, validated_data)
        before = first_cloud(source)
        if change and before != credential:
            if before is not None:
                source.credentials.remove(before)
            if credential is not None:
                source.credentials.add(credential)
        self._prepared = None
        return source


class InventorySourceDetailSerializer(InventorySourceSerializer):
    """A source that exists: it stays in its inventory."""

    class Meta(InventorySourceSerializer.Meta):
        read_only_fields = (*InventorySourceSerializer.Meta.read_only_fields, "inventory")


UPDATE_FIELDS = (
    *OPTIONS, "inventory", "inventory_source", "license_error", "org_host_limit_error", "source_project_update",
    "instance_group", "scm_revision",
)  # fmt: skip


class InventoryUpdateListSerializer(WithCredential, UnifiedJobSerializer):
    """An update among others."""

    credential = serializers.IntegerField(read_only=True, allow_null=True, min_value=1)
    verbosity = serializers.ChoiceField(choices=VERBOSITIES, read_only=True)

    class Meta:
        model = InventoryUpdate
        fields = (*JOB_LIST_FIELDS, *UPDATE_FIELDS)
        read_only_fields = fields
        capabilities = {"delete": "delete", "start": "start"}
        unlinked = ("instance_group", "modified_by")
        summaries = {
            "modified_by": None,
            **JOB_SUMMARIES,
            "organization": ("id", "name", "description"),
            "inventory_source": (
                "id=unifiedjobtemplate_ptr_id",
                "source",
                "name",
                "last_updated=last_job_run",
                "status",
            ),
            "source_project_update": ("id", "name", "description", "status", "failed"),
        }

    def prepare(self, objects: Any) -> None:
        """Learn the projects of the page's sources."""
        objects = list(objects)
        ids = {obj.inventory_source_id for obj in objects}
        rows = InventorySource.objects.filter(pk__in=ids).exclude(source_project=None) if ids else ()
        self._projects = {source.pk: source.source_project_id for source in rows}
        super().prepare(objects)

    def links(self, obj: InventoryUpdate) -> dict[str, str]:
        """The credential and the project."""
        out = super().links(obj)
        credential = (self._prepared or {})[obj.pk].get("credential")
        if credential:
            out["credential"] = f"{links.list_url('credentials')}{credential['id']}/"
        project = self._projects.get(obj.inventory_source_id)
        if project:
            out["source_project"] = f"{links.list_url('projects')}{project}/"
        return out

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """Credentials."""
        out = super().summarize(objects)
        add_credentials(out, credential_summaries(InventoryUpdate.credentials.through, "unifiedjob", objects), objects)
        return out


class InventoryUpdateSerializer(InventoryUpdateListSerializer):
    """An update with all that it says."""

    source_project = serializers.SerializerMethodField()

    class Meta(InventoryUpdateListSerializer.Meta):
        fields = (*NAMED, *(f for f in JOB_FIELDS if f not in NAMED), *UPDATE_FIELDS, "source_project")
        read_only_fields = fields

    def get_source_project(self, obj: InventoryUpdate) -> int | None:
        """The project that the source is in."""
        return self._projects.get(obj.inventory_source_id)

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """The project, too."""
        out = super().summarize(objects)
        found = fetch({(Project, PROJECT_SUMMARY): set(self._projects.values())}).get((Project, PROJECT_SUMMARY), {})
        for obj in objects:
            project = found.get(self._projects.get(obj.inventory_source_id))
            if project:
                out[obj.pk]["source_project"] = project
        return out


class InventoryUpdateEventSerializer(PrintedEventSerializer, ResourceSerializer):
    """A line that an update printed."""

    class Meta:
        model = InventoryUpdateEvent
        fields = (
            *COMMON, "event", "counter", "event_display", "event_data", "failed", "changed", "uuid", "stdout",
            "start_line", "end_line", "verbosity", "inventory_update",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"inventory_update": None}

    def get_url(self, obj: InventoryUpdateEvent) -> str:
        """It has none: events are read through their update."""
        return ""
