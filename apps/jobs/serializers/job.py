"""A job as JSON: less in lists, more in its detail."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, prefetch_related_objects
from rest_framework import serializers

from apps.core import links
from apps.jobs.models import Job
from apps.jobs.services.prompts import needed_passwords
from apps.unified.events.rows import of_job
from apps.unified.serializers import JOB_FIELDS, JOB_LIST_FIELDS, JOB_SUMMARIES, UnifiedJobSerializer

from .shared import credentials_of, labels_of
from .template import PLAYBOOK

PROCESS = (*(name for name in JOB_FIELDS if name not in JOB_LIST_FIELDS), "host_status_counts")


AFTERWARDS = ("host_status_counts", "playbook_counts", "custom_virtualenv")  # not in the answer to a launch


class JobListSerializer(UnifiedJobSerializer):
    """A job in a list."""

    passwords_needed_to_start = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            *JOB_LIST_FIELDS, *PLAYBOOK, "organization", "job_template",
            "passwords_needed_to_start", "allow_simultaneous", "artifacts", "scm_revision", "instance_group",
            "diff_mode", "job_slice_number", "job_slice_count", "webhook_service", "webhook_credential", "webhook_guid",
        )  # fmt: skip
        capabilities = {"delete": "delete", "start": "start"}  # the paths of jobs take no PUT and no PATCH
        unlinked = ("modified_by", "unified_job_template", "instance_group")
        summaries = {
            **JOB_SUMMARIES,
            "modified_by": None,
            "job_template": None,
            "project_update": ("id", "name", "description", "status", "failed"),
        }

    def prepare(self, objects: Any) -> None:
        """Also the passwords that a relaunch needs."""
        objects = list(objects)
        self._needed = {job.pk: needed_passwords(rows) for job, rows in credentials_by_job(objects)}
        super().prepare(objects)

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Also labels, credentials, and the template under its own name."""
        out = super().summarize(objects)
        for source in (labels_of(Job, objects), credentials_of(Job, objects)):
            for pk, entries in source.items():
                out[pk] |= entries
        for obj in objects:
            template = out[obj.pk].get("unified_job_template")
            if template and obj.job_template_id:
                out[obj.pk]["job_template"] = {key: template[key] for key in ("id", "name", "description")}
        return out

    def links(self, obj: Job) -> dict[str, Any]:
        """Also the project update that the job waited for."""
        update = f"{links.list_url('project_updates')}{obj.project_update_id}/" if obj.project_update_id else None
        return super().links(obj) | ({"project_update": update} if update else {})

    def to_representation(self, instance: Job) -> dict[str, Any]:
        """A playbook without its project is none."""
        out = super().to_representation(instance)
        return out if instance.project_id is not None else out | {"playbook": ""}

    def get_passwords_needed_to_start(self, obj: Job) -> list[str]:
        """The names of the passwords."""
        return self._needed.get(obj.pk, [])


def credentials_by_job(jobs: list[Job]) -> Any:
    """(job, its credentials) of a page, in one query; only kinds that may ask are decrypted."""
    prefetch_related_objects(jobs, "credentials__credential_type")
    for job in jobs:
        yield job, [c for c in job.credentials.all() if c.credential_type.askable_fields]


class JobSerializer(JobListSerializer):
    """A job in full."""

    playbook_counts = serializers.SerializerMethodField()

    class Meta(JobListSerializer.Meta):
        fields = (*JobListSerializer.Meta.fields, *PROCESS, "playbook_counts", "custom_virtualenv")

    def get_playbook_counts(self, obj: Job) -> dict[str, int]:
        """How many plays and tasks there were."""
        events = {"playbook_on_play_start": "play_count", "playbook_on_task_start": "task_count"}
        rows = of_job(obj).filter(event__in=events).order_by().values_list("event").annotate(number=Count("pk"))
        found = dict(rows)
        return {shown: found.get(event, 0) for event, shown in events.items()}


class LaunchedJobSerializer(JobSerializer):
    """The answer to a launch: whoever launched is the last who changed it."""

    class Meta(JobSerializer.Meta):
        fields = tuple(name for name in JobSerializer.Meta.fields if name not in AFTERWARDS)
        unlinked = ("unified_job_template", "instance_group")
        summaries = {k: v for k, v in JobSerializer.Meta.summaries.items() if k != "modified_by"}
