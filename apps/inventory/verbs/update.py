"""update/ and update_inventory_sources/: fetching the hosts anew."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.links import list_url
from apps.core.verb_views import VerbView
from apps.inventory.models import InventorySource
from apps.inventory.serializers.inventory import CanUpdateSerializer
from apps.inventory.serializers.source import InventoryUpdateSerializer
from apps.inventory.services import updates


def shown(update: Any, view: Any) -> dict[str, Any]:
    """An update as its detail shows it."""
    return InventoryUpdateSerializer(update, context={"request": view.request, "view": view, "detail": True}).data


class UpdateView(VerbView):
    """One source."""

    serializer_class = CanUpdateSerializer

    def get(self, request: Request, pk: int) -> Response:
        """Whether the source can be updated."""
        return Response({"can_update": updates.can_update(self.get_object())})

    def post(self, request: Request, pk: int) -> Response:
        """Start it; 405 where it cannot."""
        source = self.require("update")
        if not updates.can_update(source):
            raise MethodNotAllowed("POST")
        update = updates.start(source)
        headers = {"Location": f"{list_url('inventory_updates')}{update.pk}/"}
        body = {"inventory_update": update.pk} | shown(update, self)
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


class UpdateSourcesView(VerbView):
    """All sources of an inventory."""

    kinds = ("inventory_source",)
    serializer_class = CanUpdateSerializer

    def sources(self, inventory: Any) -> list[InventorySource]:
        """The inventory's sources."""
        rows = InventorySource.objects.filter(inventory=inventory).select_related("source_project", "inventory")
        return list(rows.order_by("pk"))

    def get(self, request: Request, pk: int) -> Response:
        """Which of them can be updated."""
        found = self.sources(self.get_object())
        return Response([{"inventory_source": s.pk, "can_update": updates.can_update(s)} for s in found])

    def post(self, request: Request, pk: int) -> Response:
        """Start those that can: 200 where all start, 202 where some do, 400 where none does."""
        out, started = [], 0
        for source in self.sources(self.require("update")):
            entry: dict[str, Any] = {"inventory_source": source.pk, "status": "This source cannot be updated."}
            if updates.can_update(source):
                update = updates.start(source)
                entry |= shown(update, self) | {"status": "started", "inventory_update": update.pk}
                started += 1
            out.append(entry)
        if not out:
            return Response({"detail": "The inventory has no sources."}, status=status.HTTP_400_BAD_REQUEST)
        if started == len(out):
            return Response(out)
        return Response(out, status=status.HTTP_202_ACCEPTED if started else status.HTTP_400_BAD_REQUEST)
