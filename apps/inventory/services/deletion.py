"""Deleting hosts, groups, sources and whole inventories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Q

from apps.core import context, registry
from apps.core.resources import Resource
from apps.inventory.models import Group, Host, Inventory, InventorySource, InventoryUpdate
from apps.unified.models import ACTIVE, UnifiedJob
from apps.unified.queue import send
from apps.unified.services import delete_jobs

from . import counters, graph, sets

TASK = "apps.inventory.tasks.delete_inventory"
LOCK = 0x1DE1  # the space of advisory locks of deletions


# --- hosts and groups -------------------------------------------------------------------------------------------------


def delete_host(host: Host) -> None:
    """One host, with an entry in the stream."""
    host.delete()
    counters.count_later([host.inventory_id])


def delete_hosts(rows: Any) -> int:
    """The hosts of a queryset, by sets."""
    inventories = set(rows.order_by().values_list("inventory_id", flat=True))
    number = sets.delete_rows(rows)
    counters.count_later(inventories)
    return number


def delete_groups(rows: Any) -> int:
    """The groups of a queryset, by sets; what was below them stays."""
    inventories = set(rows.order_by().values_list("inventory_id", flat=True))
    number = sets.delete_rows(rows)
    counters.count_later(inventories)
    return number


def delete_group(group: Group) -> None:
    """A group with everything that is only below it: groups, and hosts that are in no other group."""
    doomed = graph.doomed_groups(group)
    links = Group.hosts.through.objects
    elsewhere = links.exclude(group__in=doomed).values("host")
    inside = links.filter(group__in=doomed).values("host")
    hosts = Host.objects.filter(pk__in=inside).exclude(pk__in=elsewhere)
    with transaction.atomic():
        sets.delete_rows(hosts)
        sets.delete_rows(Group.objects.filter(pk__in=doomed - {group.pk}))
        group.delete()
        counters.count_later([group.inventory_id])


# --- sources ----------------------------------------------------------------------------------------------------------


def named(rows: Any) -> list[dict[str, Any]]:
    """Jobs as a 409 names them."""
    return [{"type": Resource.type_name(type(job)), "id": job.pk} for job in rows.order_by("pk")[:100]]


def active_updates_of(sources: Iterable[int]) -> list[dict[str, Any]]:
    """The updates of sources that are not over."""
    return named(InventoryUpdate.objects.filter(inventory_source__in=list(sources), status__in=ACTIVE))


def delete_source(source: InventorySource) -> None:
    """A source with its updates; its hosts stay."""
    with transaction.atomic():
        delete_jobs(InventoryUpdate.objects.filter(inventory_source=source))
        inventory_id = source.inventory_id
        source.delete()
        counters.count_sources([inventory_id])


# --- inventories ------------------------------------------------------------------------------------------------------


def active_jobs_of(inventory: Inventory) -> list[dict[str, Any]]:
    """The jobs, commands and updates that work on an inventory now."""
    condition = Q(pk__in=[])
    for child in UnifiedJob.__subclasses__():
        names = {field.name for field in child._meta.local_fields}
        if "inventory" in names:
            rows = child.objects.non_polymorphic().filter(inventory=inventory, status__in=ACTIVE)
            condition |= Q(pk__in=rows.order_by().values("pk"))
    return named(UnifiedJob.objects.filter(condition, status__in=ACTIVE))


def active_jobs_in(organization: Any) -> list[dict[str, Any]]:
    """The jobs of an organization's projects, and the updates of its projects and inventories, that are not over."""
    jobs, updates = (registry.by_slug(slug).model for slug in ("jobs", "project_updates"))
    found = (
        jobs.objects.non_polymorphic().filter(project__organization=organization),
        updates.objects.non_polymorphic().filter(project__organization=organization),
        InventoryUpdate.objects.non_polymorphic().filter(inventory_source__inventory__organization=organization),
    )
    condition = Q(pk__in=[])
    for rows in found:
        condition |= Q(pk__in=rows.filter(status__in=ACTIVE).order_by().values("pk"))
    return named(UnifiedJob.objects.filter(condition))


def delete_later(inventory: Inventory, user: Any) -> None:
    """Mark an inventory and have it deleted in the background; it can no longer be used."""
    Inventory.objects.filter(pk=inventory.pk).update(pending_deletion=True)
    inventory.jobtemplates.update(inventory=None)
    transaction.on_commit(lambda: send(TASK, inventory.pk, getattr(user, "pk", None)))


def delete_now(inventory_id: int, user_id: int | None = None) -> None:
    """The task: the hosts and groups by sets, then the sources, then the inventory itself; it may be called again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, inventory_id])
        if not cursor.fetchone()[0]:
            return  # another worker is at it
        try:
            delete_contents(inventory_id, user_id)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, inventory_id])


def delete_contents(inventory_id: int, user_id: int | None) -> None:
    """Delete an inventory that is marked, with everything in it."""
    inventory = Inventory.objects.filter(pk=inventory_id, pending_deletion=True).first()
    if inventory is None:
        return
    sets.delete_rows(Host.objects.filter(inventory=inventory))
    sets.delete_rows(Group.objects.filter(inventory=inventory))
    user = get_user_model().objects.filter(pk=user_id).first() if user_id else None
    with context.acting_as(user), transaction.atomic():
        for source in InventorySource.objects.filter(inventory=inventory):
            delete_source(source)
        organization_id = inventory.organization_id
        inventory.delete()
    siblings = Inventory.objects.filter(organization=organization_id, kind="smart").values_list("pk", flat=True)
    counters.queue(siblings[:1])


def resume() -> None:
    """For the sweep: deletions whose message was lost."""
    for pk in Inventory.objects.filter(pending_deletion=True).values_list("pk", flat=True):
        send(TASK, pk, None)
