"""An ad hoc command as JSON, and what a client may ask for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.conf import live
from apps.core.fields import parse_variables
from apps.jobs.models import AdHocCommand
from apps.unified.serializers import JOB_LIST_FIELDS, JOB_SUMMARIES, UnifiedJobSerializer

from .job import PROCESS

NEED_ARGUMENTS = ("command", "shell")
COMMAND = (
    *("job_type", "inventory", "limit", "credential", "module_name", "module_args", "forks", "verbosity"),
    *("extra_vars", "become_enabled", "diff_mode"),
)
SETTABLE = {*COMMAND, "execution_environment"}
SHOWN = (*(name for name in JOB_LIST_FIELDS if name not in ("description", "unified_job_template")), *COMMAND)


def modules() -> list[tuple[str, str]]:
    """The modules that may be run: the setting AD_HOC_COMMANDS."""
    return [(name, name) for name in live.get("AD_HOC_COMMANDS")]


class AdHocCommandListSerializer(UnifiedJobSerializer):
    """A command in a list."""

    module_name = serializers.ChoiceField(choices=[], required=False, default="command")

    class Meta:
        model = AdHocCommand
        fields = SHOWN
        read_only_fields = tuple(name for name in fields if name not in SETTABLE)
        capabilities = {"delete": "delete", "start": "start"}
        unlinked = ("modified_by", "instance_group")
        summaries = {**JOB_SUMMARIES, "modified_by": None}

    def get_fields(self) -> dict[str, Any]:
        """The choice of modules is a setting."""
        fields = super().get_fields()
        if "request" in self.context:  # not while declarations are checked, when there may be no database
            fields["module_name"].choices = modules()
        return fields

    def validate_forks(self, value: int) -> int:
        """Within MAX_FORKS."""
        most = live.get("MAX_FORKS")
        if most and value > most:
            raise serializers.ValidationError(f"At most {most} forks are allowed.")
        return value

    def validate_extra_vars(self, value: str | None) -> str:
        """A mapping that sets none of Ansible's own variables."""
        own = sorted(name for name in parse_variables(value) if str(name).startswith("ansible_"))
        if own:
            raise serializers.ValidationError(f"Not allowed in ad hoc commands: {', '.join(own)}.")
        return value or ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An inventory, a machine credential, and arguments where the module is nothing without."""
        problems: dict[str, list[str]] = {}
        inventory, credential = attrs.get("inventory"), attrs.get("credential")
        if inventory is None:
            problems["inventory"] = ["A command needs an inventory."]
        elif inventory.pending_deletion:
            problems["inventory"] = ["The inventory is being deleted."]
        if credential is None:
            problems["credential"] = ["A command needs a credential."]
        elif credential.credential_type.kind != "ssh":
            problems["credential"] = ["The credential must be a machine credential."]
        module = attrs.get("module_name", "command")
        if module in NEED_ARGUMENTS and not attrs.get("module_args"):
            problems["module_args"] = [f"The module {module!r} needs arguments."]
        if problems:
            raise serializers.ValidationError(problems)
        return super().validate({**attrs, "module_name": module})

    def create(self, validated_data: dict[str, Any]) -> AdHocCommand:
        """Named after its module; it belongs to the inventory's organization."""
        data = dict(validated_data)
        data["name"] = data["module_name"]
        return super().create(data | {"organization": data["inventory"].organization})


class AdHocCommandSerializer(AdHocCommandListSerializer):
    """A command in full."""

    class Meta(AdHocCommandListSerializer.Meta):
        fields = (*AdHocCommandListSerializer.Meta.fields, *PROCESS)
        read_only_fields = tuple(name for name in fields if name not in SETTABLE)
