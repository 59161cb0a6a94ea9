"""system_job_templates, system_jobs and their events."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import links
from apps.core.fields import parse_variables
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verb_views import VerbView
from apps.core.verbs import Verb
from apps.unified.events.rows import of_job
from apps.unified.models import SystemJobEvent
from apps.unified.resources import JobResource
from apps.unified.schedules.sublists import SCHEDULES
from apps.unified.verbs import CancelView

from . import pages  # noqa: F401
from .access import SystemAccess
from .models import SystemJob, SystemJobTemplate
from .serializers import (
    LaunchSerializer,
    SystemJobEventSerializer,
    SystemJobListSerializer,
    SystemJobSerializer,
    SystemJobTemplateSerializer,
)
from .services import launch

EVENTS = ("started", "success", "error")


def events_of(job: SystemJob, user: Any) -> Any:
    """What a cleaning said, from its partition."""
    return of_job(job)


def readers_only(resource: type[Resource], request: Request) -> None:
    """The list is refused to ordinary users, who would see nothing."""
    if not resource.access_for(request.user).reader:
        raise PermissionDenied


class LaunchView(VerbView):
    """launch/: superusers start a cleaning."""

    serializer_class = LaunchSerializer

    def get_object(self) -> Any:
        """The template; ordinary users learn that it is not theirs."""
        readers_only(self.resource, self.request)
        return super().get_object()

    def get(self, request: Request, pk: int) -> Response:
        """Nothing is needed."""
        self.get_object()
        return Response({})

    def post(self, request: Request, pk: int) -> Response:
        """A new job; `extra_vars` must be a mapping, what is in it counts when the job runs."""
        template = self.require("execute")
        try:
            variables = parse_variables(request.data.get("extra_vars") or {})
        except ModelError as error:
            raise ValidationError({"extra_vars": error.messages}) from error
        job = launch(template, actor=request.user, variables=variables)
        shown = SystemJobSerializer(job, context={"request": request, "view": self, "detail": True}).data
        location = f"{links.list_url('system_jobs')}{job.pk}/"
        return Response({"system_job": job.pk, **shown}, status.HTTP_201_CREATED, headers={"Location": location})


@register("system_job_templates")
class SystemJobTemplates(Resource):
    """The kinds of cleaning."""

    model = SystemJobTemplate
    serializer_class = SystemJobTemplateSerializer
    access = SystemAccess
    list_methods = ("get",)
    detail_methods = ("get",)
    summary = ("id", "name", "description", "job_type")
    sublists = (
        Sub("jobs"),
        SCHEDULES,
        *(Sub(f"notification_templates_{event}", attach=True, create=True) for event in EVENTS),
    )
    verbs = (Verb("launch", LaunchView),)

    def check_list(self, request: Request) -> None:
        """Not for ordinary users."""
        readers_only(SystemJobTemplates, request)


@register("system_jobs")
class SystemJobs(JobResource):
    """Cleanings."""

    model = SystemJob
    serializer_class = SystemJobSerializer
    list_serializer_class = SystemJobListSerializer
    access = SystemAccess
    summary = ("id", "name", "description", "status", "failed", "elapsed")
    sublists = (
        Sub("events", slug="system_job_events", rows=events_of, visible_all=True, order_by=("counter",)),
        Sub("notifications", visible_all=True),
    )
    verbs = (Verb("cancel", CancelView),)

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """AWX calls these variables a text."""
        return "string" if name == "extra_vars" else None

    def check_list(self, request: Request) -> None:
        """Not for ordinary users."""
        readers_only(SystemJobs, request)


@register("system_job_events")
class SystemJobEvents(Resource):
    """What cleanings said; only below their job."""

    model = SystemJobEvent
    serializer_class = SystemJobEventSerializer
    access = SystemAccess
    list_methods = ()
    has_detail = False
    detail_methods = ()
    search = ("stdout",)
    reserved_params = ("no_truncate",)
    root = "-"

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """These are texts to AWX."""
        return "string" if name in {"event_display", "stdout"} else None
