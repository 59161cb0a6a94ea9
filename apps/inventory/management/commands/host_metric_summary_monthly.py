"""`manage.py host_metric_summary_monthly`: work out the monthly table of automated machines."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.inventory.services import metrics


class Command(BaseCommand):
    """The table behind /api/v2/host_metric_summary_monthly/."""

    help = (
        "Work out the monthly table of automated machines: how many came, went and counted in each of the last 36 "
        "months. The server does this every night; run it to see today's numbers now."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work it out, then say how many months there are."""
        self.stdout.write(f"host metrics: {metrics.summarize_months()} months worked out")
