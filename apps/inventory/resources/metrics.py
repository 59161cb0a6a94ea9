"""host_metrics and host_metric_summary_monthly."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request

from apps.core.registry import register
from apps.core.resources import Resource
from apps.inventory.access import HostMetricAccess
from apps.inventory.models import HostMetric, HostMetricSummaryMonthly
from apps.inventory.serializers.metric import HostMetricSerializer, HostMetricSummaryMonthlySerializer


def refuse_others(user: Any) -> None:
    """Machines are counted for administrators and auditors."""
    if not (user.is_superuser or user.is_system_auditor):
        raise PermissionDenied


@register("host_metrics")
class HostMetrics(Resource):
    """Machines that were automated."""

    model = HostMetric
    serializer_class = HostMetricSerializer
    access = HostMetricAccess
    list_methods = ("get",)
    detail_methods = ("get", "delete")
    search = ("hostname", "deleted")

    def check_list(self, request: Request) -> None:
        """Not for everyone."""
        refuse_others(request.user)


@register("host_metric_summary_monthly")
class HostMetricSummaries(Resource):
    """Months."""

    model = HostMetricSummaryMonthly
    serializer_class = HostMetricSummaryMonthlySerializer
    access = HostMetricAccess
    list_methods = ("get",)
    has_detail = False
    detail_methods = ()
    search = ("date",)
    summary = ("id",)

    def check_list(self, request: Request) -> None:
        """Not for everyone."""
        refuse_others(request.user)
