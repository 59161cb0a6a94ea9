"""schedules, schedules/preview, schedules/zoneinfo."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.registry import page, register
from apps.core.resources import Resource, View
from apps.core.sublists import Sub
from apps.core.views import PageView
from apps.identity.sublists import LABELS
from apps.unified.models import Schedule
from apps.unified.prompt_fields import check_credential

from .access import ScheduleAccess
from .rules import Recurrence, zones
from .serializers import PreviewSerializer, ScheduleSerializer
from .services import settle_template

SHOWN = 10  # times in a preview


def runs(schedule: Schedule, user: Any) -> Any:
    """The jobs that a schedule has started."""
    return registry.by_slug("unified_jobs").model.objects.filter(schedule=schedule)


@register("schedules")
class Schedules(Resource):
    """When templates start by themselves."""

    model = Schedule
    serializer_class = ScheduleSerializer
    access = ScheduleAccess
    sublists = (
        Sub("jobs", slug="unified_jobs", rows=runs),
        Sub("credentials", attach=True, role="use", check_attach=check_credential),
        LABELS,
        Sub("instance_groups", attach=True, ordered=True, role="use", order_by=("scheduleinstancegroup__position",)),
    )
    unlinked = ("jobs",)
    summary = ("id", "name", "description", "next_run")

    @classmethod
    def rows(cls) -> Any:
        """The list is by id, as in AWX, whatever runs next."""
        return Schedule.objects.order_by("pk")

    def perform_destroy(self, obj: Schedule) -> None:
        """The template then shows another one."""
        template = obj.unified_job_template_id
        super().perform_destroy(obj)
        settle_template(template)


@page("schedules/preview/")
class PreviewView(View, GenericAPIView):
    """The next times of a rule that is not saved."""

    serializer_class = PreviewSerializer
    pagination_class = None
    filter_backends = ()
    title = "Schedule Recurrence Rule Preview"
    resource = Schedules

    def post(self, request: Request) -> Response:
        """{local: [...], utc: [...]}: up to ten times from now on."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        times = Recurrence(given.validated_data["rrule"]).after(timezone.now(), SHOWN)
        return Response({"local": times, "utc": [at.astimezone(UTC) for at in times]})


@page("schedules/zoneinfo/")
class ZoneInfoView(PageView):
    """The time zones that a rule may name."""

    title = "Schedule Time Zones"

    def get(self, request: Request) -> Response:
        """{zones: [...], links: {...}}"""
        return Response(zones())
