"""inventory_sources and inventory_updates."""

from __future__ import annotations

from typing import Any

from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.inventory.access import InventorySourceAccess
from apps.inventory.models import InventorySource, InventoryUpdate
from apps.inventory.serializers.source import (
    InventorySourceDetailSerializer,
    InventorySourceSerializer,
    InventoryUpdateEventSerializer,
    InventoryUpdateListSerializer,
    InventoryUpdateSerializer,
)
from apps.inventory.services import counters, deletion
from apps.inventory.services.credentials import misfit
from apps.inventory.verbs.update import UpdateView
from apps.unified.event_serializers import EventResource
from apps.unified.followers.views import JobLiveView
from apps.unified.models import InventoryUpdateEvent
from apps.unified.resources import UPDATE_NAMES, JobResource
from apps.unified.schedules.sublists import SCHEDULES
from apps.unified.stdout import StdoutView
from apps.unified.verbs import CancelView

NOTIFIED = tuple(
    Sub(f"notification_templates_{event}", attach=True, create=True, key="")
    for event in ("started", "success", "error")
)


def credential_fits(user: Any, source: InventorySource, credential: Any) -> None:
    """The credential is of the kind that the source needs, and the only one but for vaults."""
    reason = misfit(source.source, credential)
    others = source.credentials.exclude(pk=credential.pk).exclude(credential_type__kind="vault")
    if reason is None and credential.credential_type.kind != "vault" and others.exists():
        reason = "A source has one credential beside those for vaults."
    if reason:
        raise BadRequest({"msg": reason})


@register("inventory_sources")
class InventorySources(Resource):
    """Where hosts come from."""

    model = InventorySource
    serializer_class = InventorySourceDetailSerializer
    list_serializer_class = InventorySourceSerializer
    access = InventorySourceAccess
    joins = ("inventory__organization",)
    named_by = (("name",), ("inventory__name",), ("inventory__organization__name",))
    unfilterable = ("credential", "last_update_failed", "last_updated")
    filter_aliases = UPDATE_NAMES
    sublists = (
        Sub("inventory_updates"),
        SCHEDULES,
        audited(),
        Sub("hosts", delete=True, on_delete_all=deletion.delete_hosts),
        Sub("groups", delete=True, on_delete_all=deletion.delete_groups),
        *NOTIFIED,
        Sub("credentials", attach=True, role="use", check_attach=credential_fits),
    )
    verbs = (Verb("update", UpdateView),)

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """A new source is counted at once."""
        source = Resource.perform_create(self, serializer, **extra)
        counters.count_sources([source.inventory_id])
        return source

    def check_delete(self, obj: Any) -> None:
        """Not while it is being updated."""
        if not self.access_for(self.request.user).may("delete", obj):
            return
        active = deletion.active_updates_of([obj.pk])
        if active:
            raise Conflict({"error": "The source is being updated.", "active_jobs": active})

    def perform_destroy(self, obj: Any) -> None:
        """Its hosts stay; its updates go."""
        deletion.delete_source(obj)


def events_of(update: InventoryUpdate, user: Any) -> Any:
    """The lines that an update printed; its time of creation names their partition."""
    return InventoryUpdateEvent.objects.filter(inventory_update=update.pk, job_created=update.created)


@register("inventory_updates")
class InventoryUpdates(JobResource):
    """Runs of sources."""

    model = InventoryUpdate
    serializer_class = InventoryUpdateSerializer
    list_serializer_class = InventoryUpdateListSerializer
    unfilterable = ("credential", "source_project", "event_processing_finished", "launched_by")
    sublists = (
        Sub("credentials"),
        Sub("notifications", visible_all=True),
        Sub("events", slug="inventory_update_events", rows=events_of, visible_all=True, order_by=("counter",)),
    )
    verbs = (Verb("cancel", CancelView), Verb("stdout", StdoutView), Verb("live", JobLiveView))
    unlinked = ("live",)  # a client that goes through all links would wait there


@register("inventory_update_events")
class InventoryUpdateEvents(EventResource):
    """Lines that updates printed; they are read through their update."""

    model = InventoryUpdateEvent
    serializer_class = InventoryUpdateEventSerializer
    has_detail = False
    root = "-"
    unfilterable = ("event", "failed", "changed", "event_display")

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """Both are worked out, but text."""
        return "string" if name in ("event_display", "stdout") else super().type_of(name)
