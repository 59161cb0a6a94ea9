"""Events of jobs and ad hoc commands as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.serializers import COMMON, ResourceSerializer
from apps.unified.event_serializers import EventSerializer
from apps.unified.events_models import DISPLAY
from apps.unified.models import AdHocCommandEvent, JobEvent

from .summary import JOB, OfJobSerializer

COMMAND_EVENTS = (
    *("runner_on_failed", "runner_on_ok", "runner_on_unreachable", "runner_on_skipped"),
    *("debug", "verbose", "deprecated", "warning", "system_warning", "error"),
)


class JobEventSerializer(EventSerializer, OfJobSerializer):
    """An event of a job."""

    event = serializers.ChoiceField(choices=tuple(DISPLAY.items()), read_only=True)
    event_level = serializers.IntegerField(read_only=True)

    class Meta:
        model = JobEvent
        fields = (
            *COMMON, "job", "event", "counter", "event_display", "event_data", "event_level", "failed", "changed",
            "uuid", "parent_uuid", "host", "host_name", "playbook", "play", "task", "role", "stdout", "start_line",
            "end_line", "verbosity",
        )  # fmt: skip
        summaries = {"job": JOB, "host": ("id", "name", "description")}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`role` is an old entry that stays empty."""
        return {obj.pk: {"role": {}} for obj in objects}


class AdHocCommandEventSerializer(EventSerializer, ResourceSerializer):
    """An event of an ad hoc command."""

    event = serializers.ChoiceField(choices=tuple((name, DISPLAY[name]) for name in COMMAND_EVENTS), read_only=True)

    class Meta:
        model = AdHocCommandEvent
        fields = (
            *COMMON, "ad_hoc_command", "event", "counter", "event_display", "event_data", "failed", "changed", "uuid",
            "host", "host_name", "stdout", "start_line", "end_line", "verbosity",
        )  # fmt: skip
        summaries = {"ad_hoc_command": None, "host": ("id", "name", "description")}
