"""/service-index/: the shared resources (organizations, teams, users) by the ids that other services know them by."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core import registry
from apps.core.fields import JSONValue
from apps.core.links import page_url
from apps.core.pagination import Pagination
from apps.core.registry import page
from apps.core.resources import View
from apps.core.views import PageView
from apps.identity import throttle
from apps.identity.models import Organization, Team, User

TYPES: tuple[tuple[str, Any, str, str], ...] = (
    ("shared.organization", Organization, "name", "organizations"),
    ("shared.team", Team, "name", "teams"),
    ("shared.user", User, "username", "users"),
)


def union() -> str:
    """Every shared resource: ansible_id, pk, name, number of its type."""
    quote, parts = connection.ops.quote_name, []
    for number, (_, model, column, _) in enumerate(TYPES):
        table = quote(model._meta.db_table)
        parts.append(f"SELECT ansible_id, id, {quote(column)} AS name, {number} AS kind FROM {table}")  # noqa: S608
    return " UNION ALL ".join(parts)


def rows(condition: str = "TRUE", arguments: tuple[Any, ...] = (), limits: str = "") -> list[tuple[Any, ...]]:
    """Some of them, by name."""
    sql = f"SELECT * FROM ({union()}) r WHERE {condition} ORDER BY name, ansible_id {limits}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchall()


def shown(row: tuple[Any, ...]) -> dict[str, Any]:
    """One resource as JSON."""
    ansible_id, pk, name, kind = row
    return {
        "object_id": str(pk),
        "name": name,
        "ansible_id": str(ansible_id),
        "service_id": str(live.get("INSTALL_UUID")),
        "resource_type": TYPES[kind][0],
        "has_serializer": True,
        "url": page_url(f"service-index/resources/{ansible_id}/"),
    }


class TypeSerializer(serializers.Serializer):
    """A kind of shared resource."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    externally_managed = serializers.BooleanField(read_only=True)
    shared_resource_type = JSONValue({"type": "string"})
    url = serializers.CharField(read_only=True)


class SharedSerializer(serializers.Serializer):
    """A shared resource."""

    object_id = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    ansible_id = serializers.UUIDField(required=False)
    service_id = serializers.UUIDField(required=False)
    resource_type = serializers.ChoiceField(choices=[name for name, *_ in TYPES], required=False)
    has_serializer = JSONValue({"type": "boolean"})
    resource_data = serializers.JSONField(required=True)
    url = serializers.CharField(read_only=True)


FILTERABLE = {"id", "name", "externally_managed", "ansible_id", "object_id", "service_id"}


class SharedView(View, GenericAPIView):
    """For superusers: other services act in their name."""

    pagination_class = None
    filter_backends = ()

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """The types are words here, not choices."""
        for name, info in fields.items():
            info["filterable"] = name in FILTERABLE
        if "resource_type" in fields:
            fields["resource_type"] |= {"type": "string"}
            fields["resource_type"].pop("choices", None)
        return fields

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """403 for everyone else."""
        super().initial(request, *args, **kwargs)
        if not request.user.is_superuser:
            raise PermissionDenied


@page("service-index/", root="service_index")
class ServiceIndexView(PageView):
    """What is below."""

    title = "Service Index Root"

    def get(self, request: Request) -> Response:
        """name -> URL."""
        return Response(
            {name: page_url(f"service-index/{name}/") for name in ("metadata", "resources", "resource-types")}
        )


@page("service-index/metadata/")
class ServiceMetadataView(PageView):
    """Which service this is."""

    title = "Service Metadata"

    def get(self, request: Request) -> Response:
        """Its id and kind."""
        return Response({"service_id": str(live.get("INSTALL_UUID")), "service_type": "awx"})


@page("service-index/resource-types/")
class ResourceTypesView(SharedView):
    """The kinds of shared resources."""

    title = "Resource Type List"
    serializer_class = TypeSerializer

    def get(self, request: Request) -> Response:
        """A page with all three."""
        results = [
            {
                "id": number,
                "name": name,
                "externally_managed": False,
                "shared_resource_type": name.removeprefix("shared."),
                "url": page_url(f"service-index/resource-types/{name}/"),
            }
            for number, (name, *_) in enumerate(TYPES, 1)
        ]
        return Response({"count": len(results), "next": None, "previous": None, "results": results})


@page("service-index/resources/")
class ResourcesView(SharedView):
    """The shared resources."""

    title = "Resource List"
    serializer_class = SharedSerializer

    def get(self, request: Request) -> Response:
        """A page of them; `?resource_type=`, `?name=` and `?object_id=` narrow it."""
        condition, arguments = narrowed(request)
        pages = Pagination()
        found = Window(condition, arguments)
        return pages.get_paginated_response([shown(row) for row in pages.paginate_queryset(found, request)])

    def post(self, request: Request) -> Response:
        """A new organization, team or user, made by its own resource."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        kind = next((entry for entry in TYPES if entry[0] == given.validated_data.get("resource_type")), None)
        if kind is None:
            raise ValidationError({"resource_type": ["This is needed."]})
        data = given.validated_data["resource_data"]
        if not isinstance(data, dict):
            raise ValidationError({"resource_data": ["This must be an object."]})
        resource = registry.by_slug(kind[3])
        serializer = resource.serializer_class(data=data, context={"request": request, "view": self, "detail": True})
        serializer.is_valid(raise_exception=True)
        made = serializer.save()
        return Response(shown(rows("ansible_id = %s", (made.ansible_id,))[0]), status=201)


class Window:
    """The list as pagination sees it: it counts and cuts in the database."""

    def __init__(self, condition: str, arguments: tuple[Any, ...]) -> None:
        self.condition, self.arguments = condition, arguments

    def order_by(self) -> Window:
        """Counting needs no order."""
        return self

    def count(self) -> int:
        """How many there are."""
        with connection.cursor() as cursor:
            sql = f"SELECT count(*) FROM ({union()}) r WHERE {self.condition}"  # noqa: S608
            cursor.execute(sql, self.arguments)
            return cursor.fetchone()[0]

    def __getitem__(self, window: slice) -> list[tuple[Any, ...]]:
        """One page."""
        limits = "LIMIT %s OFFSET %s"
        return rows(self.condition, (*self.arguments, window.stop - window.start, window.start), limits)


def narrowed(request: Request) -> tuple[str, tuple[Any, ...]]:
    """The condition that the query string asks for."""
    conditions = ["TRUE"]
    arguments: list[Any] = []
    asked = request.query_params
    if "resource_type" in asked:
        names = [name for name, *_ in TYPES]
        conditions.append("kind = %s")
        arguments.append(names.index(asked["resource_type"]) if asked["resource_type"] in names else -1)
    for name, column in (("name", "name"), ("object_id", "id::text")):
        if name in asked:
            conditions.append(f"{column} = %s")
            arguments.append(asked[name])
    return " AND ".join(conditions), tuple(arguments)


@page("service-index/resources/<uuid:ansible_id>/")
class ResourceView(SharedView):
    """One shared resource."""

    title = "Resource Detail"
    serializer_class = SharedSerializer

    def get(self, request: Request, ansible_id: Any) -> Response:
        """Its names here and elsewhere."""
        found = rows("ansible_id = %s", (ansible_id,))
        if not found:
            raise Http404
        return Response(shown(found[0]))


@page("service-index/validate-local-account/")
class ValidateAccountView(PageView):
    """Whether a user name and a password belong together: another service asks before it links an account."""

    title = "Validate Local Account"
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        """The account's shared id; 401 for a wrong pair, 429 for too many."""
        name, address = str(request.data.get("username") or ""), throttle.address_of(request)
        throttle.check(name, address)
        user = authenticate(request, username=name, password=str(request.data.get("password") or ""))
        if user is None:
            throttle.failed(name, address)
            return Response({"detail": "The user name and the password do not belong together."}, status=401)
        return Response({"ansible_id": str(user.ansible_id)})
