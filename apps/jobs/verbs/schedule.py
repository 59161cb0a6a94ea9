"""create_schedule/: the job again and again, with the answers that it had."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.errors import BadRequest
from apps.core.summaries import fetch, fields_for
from apps.core.verb_views import VerbView
from apps.jobs.services.relaunching import passwords_of
from apps.unified.models import JobLaunchConfig, Schedule
from apps.unified.prompts import ENCRYPTED, MANY, SHORT, ordered


class CreateScheduleSerializer(serializers.Serializer):
    """GET: whether it is possible, and with which answers."""

    can_schedule = serializers.SerializerMethodField()
    prompts = serializers.SerializerMethodField()

    def get_can_schedule(self, obj: Any) -> bool:
        """Not where somebody must type passwords, nor where the template is gone."""
        return obj.unified_job_template_id is not None and not passwords_of(obj)

    def get_prompts(self, obj: Any) -> dict[str, Any]:
        """The answers; objects as summaries, secrets masked."""
        config = JobLaunchConfig.objects.filter(job=obj).first()
        if config is None:
            return {}
        out = {name: shown(value) for name, value in config.prompts().items() if name != "extra_vars"}
        if "labels" in out:
            out["labels"] = {"count": len(out["labels"]), "results": out["labels"]}
        return out | ({"extra_vars": config.extra_data} if config.extra_data else {})


def shown(value: Any) -> Any:
    """An answer as JSON: what it points to is summarised as elsewhere."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    if not isinstance(value, Model):
        return value
    key = (type(value), fields_for(type(value)) or ("id", "name"))
    return fetch({key: {value.pk}})[key][value.pk]


class CreateScheduleView(VerbView):
    """POST makes a schedule that is switched off: its rule is to be set first."""

    serializer_class = CreateScheduleSerializer

    def get(self, request: Request, pk: int) -> Response:
        """Whether, and what."""
        return Response(self.get_serializer(self.get_object()).data)

    def post(self, request: Request, pk: int) -> Response:
        """201 with the schedule."""
        job = self.get_object()
        template = job.unified_job_template
        if template is None or passwords_of(job):
            raise BadRequest({"error": "The job cannot be scheduled: its template is gone or it asks for passwords."})
        access = registry.for_model(type(template)).access_for(request.user)
        config = JobLaunchConfig.objects.filter(job=job).first()
        foreign = config is not None and config.survey_passwords and job.created_by_id != request.user.pk
        if not access.may("execute", template) or (foreign and not request.user.is_superuser):
            raise PermissionDenied
        if config is not None and not access.may_prompt(template, config.prompts()):
            raise PermissionDenied
        schedule = make(job, config)
        serializer = registry.by_slug("schedules").serializer_class
        data = serializer(schedule, context={**self.get_serializer_context(), "detail": True}).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"Location": data["url"]})


def make(job: Any, config: JobLaunchConfig | None) -> Schedule:
    """The schedule with the job's answers."""
    start = timezone.now().strftime("DTSTART:%Y%m%dT%H%M%SZ")
    schedule = Schedule(
        name=free_name(job), unified_job_template_id=job.unified_job_template_id, enabled=False,
        rrule=f"{start} RRULE:FREQ=MONTHLY;INTERVAL=1",
    )  # fmt: skip
    if config is None:
        schedule.save()
        return schedule
    schedule.inventory_id, schedule.execution_environment_id = config.inventory_id, config.execution_environment_id
    secret = {name for name, value in config.extra_data.items() if value == ENCRYPTED}
    schedule.keep_secrets(config.variables(), secret)
    for name in SHORT:
        setattr(schedule, name, getattr(config, name))
    schedule.save()
    for name in MANY:
        rows = ordered(config, name)
        if rows:
            schedule.set_many(name, rows)
    return schedule


def free_name(job: Any) -> str:
    """A name that no schedule of the template has."""
    stem = f"Auto-generated schedule from job {job.pk}"
    taken = set(Schedule.objects.filter(name__startswith=stem).values_list("name", flat=True))
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem} - number {number}"
    return name
