"""bulk/, bulk/host_create/ and bulk/host_delete/."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.links import list_url, page_url
from apps.core.registry import page
from apps.core.resources import View
from apps.core.views import PageView
from apps.inventory.serializers.bulk import BulkHostCreateSerializer, BulkHostDeleteSerializer
from apps.inventory.services import bulk


@page("bulk/", root="bulk")
class BulkView(PageView):
    """What can be done with many things at once."""

    title = "Bulk"
    http_method_names = ["get", "options"]

    def get(self, request: Request) -> Response:
        """The paths."""
        return Response({name: page_url(f"bulk/{name}/") for name in ("host_create", "host_delete", "job_launch")})


class BulkPage(View, GenericAPIView):
    """A path where a list is posted."""

    http_method_names = ["get", "post", "options"]
    pagination_class = None
    filter_backends = ()
    resource: Any = None
    detail_text = ""

    @staticmethod
    def adjust_metadata(fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Nothing here is a row that could be filtered."""
        return {name: info | {"filterable": False} for name, info in fields.items()}

    def get(self, request: Request) -> Response:
        """What the path is for."""
        return Response({"detail": self.detail_text})

    def checked(self, request: Request) -> dict[str, Any]:
        """The body, once it is valid."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data


@page("bulk/host_create/")
class BulkHostCreateView(BulkPage):
    """POST {"inventory": 1, "hosts": [{"name": "a"}, …]}"""

    serializer_class = BulkHostCreateSerializer
    title = "Bulk Host Create"
    detail_text = "Bulk create hosts with this endpoint"

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """All of them, or none."""
        data = self.checked(request)
        inventory = data["inventory"]
        url = f"{list_url('inventories')}{inventory.pk}/"
        shown = ("name", "enabled", "instance_id", "description", "variables")
        hosts = [
            {name: getattr(host, name) for name in shown}
            | {"id": host.pk, "url": f"{list_url('hosts')}{host.pk}/", "inventory": url}
            for host in bulk.create_hosts(inventory, data["hosts"])
        ]
        return Response({"url": url, "hosts": hosts}, status=status.HTTP_201_CREATED)


@page("bulk/host_delete/")
class BulkHostDeleteView(BulkPage):
    """POST {"hosts": [1, 2, …]}"""

    serializer_class = BulkHostDeleteSerializer
    title = "Bulk Host Delete"
    detail_text = "Bulk delete hosts with this endpoint"

    @staticmethod
    def adjust_metadata(fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Ids of hosts are told as values of no type."""
        out = BulkPage.adjust_metadata(fields, method)
        return {name: info | {"child": {"type": "field"}} for name, info in out.items()}

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """All of them, or none."""
        gone = bulk.delete_hosts(self.checked(request)["hosts"])
        body = {str(pk): f"The host {name} was deleted." for pk, name in gone.items()}
        return Response({"hosts": body}, status=status.HTTP_201_CREATED)
