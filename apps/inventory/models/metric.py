"""How many different machines were automated, and how often."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class HostMetric(models.Model):
    """One machine, by name, over all inventories."""

    hostname = models.CharField(max_length=512, unique=True)
    first_automation = models.DateTimeField(default=timezone.now)
    last_automation = models.DateTimeField(db_index=True)
    last_deleted = models.DateTimeField(null=True, default=None, db_index=True)
    automated_counter = models.BigIntegerField(default=0)
    deleted_counter = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False, db_index=True)
    used_in_inventories = models.IntegerField(null=True, default=None)

    class Meta:
        ordering = ("hostname",)

    def __str__(self) -> str:
        return self.hostname

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Not counted any more until it is automated again; the row stays."""
        now = timezone.now()
        changed = HostMetric.objects.filter(pk=self.pk, deleted=False).update(
            deleted=True, last_deleted=now, deleted_counter=models.F("deleted_counter") + 1
        )
        return changed, {self._meta.label: changed}


class HostMetricSummaryMonthly(models.Model):
    """The sums of one month."""

    date = models.DateField(unique=True)
    license_consumed = models.BigIntegerField(default=0)
    license_capacity = models.BigIntegerField(default=0)
    hosts_added = models.IntegerField(default=0)
    hosts_deleted = models.IntegerField(default=0)
    indirectly_managed_hosts = models.IntegerField(default=0)

    class Meta:
        ordering = ("date",)

    def __str__(self) -> str:
        return str(self.date)
