"""System job templates, their jobs and events as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rest_framework import serializers

from apps.core.serializers import COMMON, ResourceSerializer
from apps.instances import environments
from apps.unified.event_serializers import PrintedEventSerializer
from apps.unified.models import SystemJobEvent
from apps.unified.serializers import (
    JOB_FIELDS,
    JOB_LIST_FIELDS,
    JOB_SUMMARIES,
    TEMPLATE_FIELDS,
    UnifiedJobSerializer,
    UnifiedJobTemplateSerializer,
)

from .models import JOB_TYPES, SystemJob, SystemJobTemplate


def job_type() -> serializers.ChoiceField:
    """The kind of cleaning, with AWX's empty choice."""
    return serializers.ChoiceField(choices=(("", "---------"), *JOB_TYPES), read_only=True)


class SystemJobTemplateSerializer(UnifiedJobTemplateSerializer):
    """A kind of cleaning."""

    job_type = job_type()

    class Meta:
        model = SystemJobTemplate
        fields = (*TEMPLATE_FIELDS, "execution_environment", "job_type")
        read_only_fields = fields
        summaries = {"created_by": None, "modified_by": None}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The detail names the environment that would be used."""
        out = super().summarize(objects)
        if self.context.get("detail"):
            for obj in objects:
                out[obj.pk] = out.get(obj.pk, {}) | environments.summary(environments.resolve())
        return out


class SystemJobListSerializer(UnifiedJobSerializer):
    """A cleaning run in a list."""

    job_type = job_type()
    extra_vars = serializers.CharField(read_only=True)
    result_stdout = serializers.SerializerMethodField()

    class Meta:
        model = SystemJob
        fields = (
            *(name for name in JOB_LIST_FIELDS if name != "controller_node"), "system_job_template", "job_type",
            "extra_vars", "result_stdout",
        )  # fmt: skip
        read_only_fields = fields
        summaries = JOB_SUMMARIES | {"system_job_template": None, "modified_by": None}
        capabilities = {"delete": "delete", "start": "start"}

    def prepare(self, objects: Any) -> None:
        """Also the output of the page, in one query."""
        objects = list(objects)
        events = SystemJobEvent.objects.filter(
            system_job__in=[obj.pk for obj in objects], job_created__in=[obj.created for obj in objects]
        ).order_by("system_job", "counter")
        self._output: dict[int, list[str]] = defaultdict(list)
        for pk, text in events.values_list("system_job", "stdout"):
            self._output[pk].append(text)
        super().prepare(objects)

    def get_result_stdout(self, obj: SystemJob) -> str:
        """The output as one text."""
        return "\n".join(text.replace("\r\n", "\n").removesuffix("\n") for text in self._output[obj.pk])


class SystemJobSerializer(SystemJobListSerializer):
    """A cleaning run."""

    class Meta(SystemJobListSerializer.Meta):
        fields = (
            *SystemJobListSerializer.Meta.fields,
            *(name for name in JOB_FIELDS if name not in JOB_LIST_FIELDS),
        )
        read_only_fields = fields


class SystemJobEventSerializer(PrintedEventSerializer, ResourceSerializer):
    """What a cleaning said."""

    class Meta:
        model = SystemJobEvent
        fields = (
            *COMMON, "event", "counter", "event_display", "event_data", "failed", "changed", "uuid", "stdout",
            "start_line", "end_line", "verbosity", "system_job",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"system_job": None}


class LaunchSerializer(serializers.Serializer):
    """launch/ takes extra_vars, which are looked at when the job runs."""
