"""What is done to inventories in the background, on the control queue."""

from __future__ import annotations

from celery import shared_task

from .services import copying, counters, deletion, metrics


@shared_task
def count(inventory_id: int) -> None:
    """Count the hosts of an inventory."""
    counters.count(inventory_id)


@shared_task
def delete_inventory(inventory_id: int, user_id: int | None = None) -> None:
    """Delete an inventory that was marked for it."""
    deletion.delete_now(inventory_id, user_id)


@shared_task
def copy_contents(source_id: int, target_id: int, user_id: int | None = None) -> None:
    """Copy hosts and groups."""
    copying.copy_contents(source_id, target_id, user_id)


@shared_task
def sweep() -> None:
    """The safety net: deletions whose message was lost."""
    deletion.resume()


@shared_task
def recount() -> None:
    """The safety net: counts whose message was lost."""
    counters.count_all()


@shared_task
def summarize_hosts() -> None:
    """The monthly table of machines."""
    metrics.summarize_months()
