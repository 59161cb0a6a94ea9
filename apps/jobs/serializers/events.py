"""Events of jobs and ad hoc commands as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.conf import live
from apps.core.serializers import COMMON, ResourceSerializer
from apps.unified.models import AdHocCommandEvent, JobEvent

from .summary import JOB, OfJobSerializer

# event -> what people call it
TITLES = {
    "runner_on_failed": "Host Failed",
    "runner_on_start": "Host Started",
    "runner_on_ok": "Host OK",
    "runner_on_error": "Host Failure",
    "runner_on_skipped": "Host Skipped",
    "runner_on_unreachable": "Host Unreachable",
    "runner_on_no_hosts": "No Hosts Remaining",
    "runner_on_async_poll": "Host Polling",
    "runner_on_async_ok": "Host Async OK",
    "runner_on_async_failed": "Host Async Failure",
    "runner_item_on_ok": "Item OK",
    "runner_item_on_failed": "Item Failed",
    "runner_item_on_skipped": "Item Skipped",
    "runner_retry": "Host Retry",
    "runner_on_file_diff": "File Difference",
    "playbook_on_start": "Playbook Started",
    "playbook_on_notify": "Running Handlers",
    "playbook_on_include": "Including File",
    "playbook_on_no_hosts_matched": "No Hosts Matched",
    "playbook_on_no_hosts_remaining": "No Hosts Remaining",
    "playbook_on_task_start": "Task Started",
    "playbook_on_vars_prompt": "Variables Prompted",
    "playbook_on_setup": "Gathering Facts",
    "playbook_on_import_for_host": "internal: on Import for Host",
    "playbook_on_not_import_for_host": "internal: on Not Import for Host",
    "playbook_on_play_start": "Play Started",
    "playbook_on_stats": "Playbook Complete",
    "debug": "Debug",
    "verbose": "Verbose",
    "deprecated": "Deprecated",
    "warning": "Warning",
    "system_warning": "System Warning",
    "error": "Error",
}
COMMAND_EVENTS = (
    *("runner_on_failed", "runner_on_ok", "runner_on_unreachable", "runner_on_skipped"),
    *("debug", "verbose", "deprecated", "warning", "system_warning", "error"),
)
CUT = "\u2026"
RESET = "\u001b[0m"


class EventSerializer(serializers.Serializer):
    """What all events share; long output is cut in lists, unless `no_truncate` is asked."""

    event_display = serializers.SerializerMethodField()
    stdout = serializers.SerializerMethodField()

    def get_event_display(self, obj: Any) -> str:
        """The event's name for people."""
        return TITLES.get(obj.event, obj.event)

    def get_stdout(self, obj: Any) -> str:
        """The output, at most EVENT_STDOUT_MAX_BYTES_DISPLAY in lists; colours are switched off after a cut."""
        request = self.context.get("request")
        if self.context.get("detail") or (request is not None and "no_truncate" in request.query_params):
            return obj.stdout
        limit = live.get("EVENT_STDOUT_MAX_BYTES_DISPLAY")
        if limit <= 0 or len(obj.stdout) <= limit:
            return obj.stdout
        kept = obj.stdout[:limit]
        return f"{kept}{CUT}{RESET if chr(27) in kept else ''}"


class JobEventSerializer(EventSerializer, OfJobSerializer):
    """An event of a job."""

    event = serializers.ChoiceField(choices=tuple(TITLES.items()), read_only=True)
    event_level = serializers.IntegerField(read_only=True)

    class Meta:
        model = JobEvent
        fields = (
            *COMMON, "job", "event", "counter", "event_display", "event_data", "event_level", "failed", "changed",
            "uuid", "parent_uuid", "host", "host_name", "playbook", "play", "task", "role", "stdout", "start_line",
            "end_line", "verbosity",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"job": JOB, "host": ("id", "name", "description")}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`role` is an old entry that stays empty."""
        return {obj.pk: {"role": {}} for obj in objects}


class AdHocCommandEventSerializer(EventSerializer, ResourceSerializer):
    """An event of an ad hoc command."""

    event = serializers.ChoiceField(choices=tuple((name, TITLES[name]) for name in COMMAND_EVENTS), read_only=True)

    class Meta:
        model = AdHocCommandEvent
        fields = (
            *COMMON, "ad_hoc_command", "event", "counter", "event_display", "event_data", "failed", "changed", "uuid",
            "host", "host_name", "stdout", "start_line", "end_line", "verbosity",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"ad_hoc_command": None, "host": ("id", "name", "description")}
