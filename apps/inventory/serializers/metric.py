"""Host metrics as JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.core.serializers import ResourceSerializer
from apps.inventory.models import HostMetric, HostMetricSummaryMonthly

COUNTED = (
    "first_automation", "last_automation", "last_deleted", "automated_counter", "deleted_counter", "deleted",
    "used_in_inventories",
)  # fmt: skip


class HostMetricSerializer(ResourceSerializer):
    """One machine over all inventories."""

    type = None
    related = None
    summary_fields = None

    class Meta:
        model = HostMetric
        fields = ("id", "hostname", "url", *COUNTED)
        read_only_fields = ("hostname", *COUNTED)


class HostMetricSummaryMonthlySerializer(serializers.ModelSerializer):
    """One month."""

    class Meta:
        model = HostMetricSummaryMonthly
        fields = (
            "id", "date", "license_consumed", "license_capacity", "hosts_added", "hosts_deleted",
            "indirectly_managed_hosts",
        )  # fmt: skip
        read_only_fields = fields
