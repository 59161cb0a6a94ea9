"""The counters of inventories: one statement for any number of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import redis
from django.db import connection, transaction
from django.db.models import Q

from apps.inventory.models import Inventory
from apps.unified import live
from apps.unified.queue import send

log = logging.getLogger(__name__)
TASK = "apps.inventory.tasks.count"
WAITING = "awx.inventory.count."  # + the inventory's id: a count is queued
DELAY = 0.05  # further changes of the same moment cost no further count
WAITING_SECONDS = 30  # after this a lost message is no obstacle any more

HOSTS = """
UPDATE inventory_inventory AS i SET
  total_hosts = n.hosts, total_groups = n.groups, hosts_with_active_failures = n.failures,
  has_active_failures = n.failures > 0
FROM (
  SELECT k.id,
    (SELECT count(*) FROM inventory_host h WHERE h.inventory_id = k.id) AS hosts,
    (SELECT count(*) FROM inventory_group g WHERE g.inventory_id = k.id) AS groups,
    (SELECT count(*) FROM inventory_host h JOIN jobs_jobhostsummary s ON s.id = h.last_job_host_summary_id
      WHERE h.inventory_id = k.id AND s.failed) AS failures
  FROM inventory_inventory k WHERE k.id = ANY(%s) AND k.kind <> 'smart'
) AS n
WHERE i.id = n.id AND (i.total_hosts, i.total_groups, i.hosts_with_active_failures)
  IS DISTINCT FROM (n.hosts, n.groups, n.failures)
"""
SOURCES = """
UPDATE inventory_inventory AS i SET
  has_inventory_sources = n.sources > 0, total_inventory_sources = n.sources,
  inventory_sources_with_failures = n.failures
FROM (
  SELECT k.id, count(s.unifiedjobtemplate_ptr_id) AS sources,
    count(*) FILTER (WHERE t.last_job_failed AND s.unifiedjobtemplate_ptr_id IS NOT NULL) AS failures
  FROM inventory_inventory k
  LEFT JOIN inventory_inventorysource s ON s.inventory_id = k.id
  LEFT JOIN unified_unifiedjobtemplate t ON t.id = s.unifiedjobtemplate_ptr_id
  WHERE k.id = ANY(%s) GROUP BY k.id
) AS n
WHERE i.id = n.id AND (i.total_inventory_sources, i.inventory_sources_with_failures)
  IS DISTINCT FROM (n.sources, n.failures)
"""


def execute(sql: str, ids: Iterable[int]) -> None:
    """Run a statement for some inventories."""
    found = sorted({pk for pk in ids if pk is not None})
    if found:
        with connection.cursor() as cursor:
            cursor.execute(sql, [found])


def count_hosts(ids: Iterable[int]) -> None:
    """Count hosts, groups and hosts whose last job failed."""
    execute(HOSTS, ids)


def count_sources(ids: Iterable[int]) -> None:
    """Count sources, and those whose last update failed."""
    execute(SOURCES, ids)


def count_smart(ids: Iterable[int]) -> None:
    """Count again the smart inventories of the organizations to which some inventories belong, and those themselves."""
    from .hosts import hosts_of, remember_members

    ids = [pk for pk in ids if pk is not None]
    organizations = Inventory.objects.filter(pk__in=ids).exclude(organization=None).values("organization")
    for inventory in Inventory.objects.filter(Q(organization__in=organizations) | Q(pk__in=ids), kind="smart"):
        hosts = hosts_of(inventory)
        failures = hosts.filter(last_job_host_summary__failed=True).count()
        Inventory.objects.filter(pk=inventory.pk).update(
            total_hosts=hosts.count(), hosts_with_active_failures=failures, has_active_failures=failures > 0
        )
        remember_members(inventory)


def count_later(ids: Iterable[int | None]) -> None:
    """Have the hosts of some inventories counted soon after this transaction; many changes cost one count."""
    found = {pk for pk in ids if pk is not None}
    if found:
        transaction.on_commit(lambda: queue(found))


def queue(ids: Iterable[int]) -> None:
    """Queue a count of each inventory, unless one waits already."""
    for pk in ids:
        try:
            if not live.client().set(f"{WAITING}{pk}", 1, nx=True, ex=WAITING_SECONDS):
                continue
        except redis.RedisError as error:
            log.warning("The hosts of inventory %s are counted by the next sweep: %s", pk, error)
            continue
        send(TASK, pk, delay=DELAY)


def count(inventory_id: int) -> None:
    """The task: count everything of one inventory, and the smart ones that may draw on it."""
    try:
        live.client().delete(f"{WAITING}{inventory_id}")
    except redis.RedisError as error:
        log.warning("The mark of inventory %s stays for some seconds: %s", inventory_id, error)
    count_hosts([inventory_id])
    count_sources([inventory_id])
    count_smart([inventory_id])


def count_all() -> None:
    """For the hourly sweep: what a lost message left wrong."""
    ids = list(Inventory.objects.filter(pending_deletion=False).values_list("pk", flat=True))
    count_hosts(ids)
    count_sources(ids)
    count_smart(ids)


def job_is_over(sender: Any, job: Any, **_more: Any) -> None:
    """The end of a job or of an update changes what its inventory counts."""
    inventory_id = getattr(job, "inventory_id", None)
    if inventory_id is None:
        return
    if hasattr(job, "inventory_source_id"):
        count_sources([inventory_id])
    queue([inventory_id])
