"""POST /copy/: the same object under another name, with every relation authorised as if it were posted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from .verb_views import VerbView

OWN = {"named_uniquely", "id", "created", "modified", "created_by", "modified_by", "ansible_id"}


class CopySerializer(serializers.Serializer):
    """The body of a copy."""

    name = serializers.CharField(max_length=512)


class CopyView(VerbView):
    """GET says whether the user may copy; POST copies."""

    serializer_class = CopySerializer

    def may_copy(self, obj: Any) -> bool:
        """The right to create such an object, and to use all that it points to."""
        access = self.resource.access_for(self.request.user)
        allowed = getattr(access, "may_copy", None)
        return allowed(obj) if allowed else access.may("view", obj) and access.may_add(self.payload(obj))

    @staticmethod
    def payload(obj: Any) -> dict[str, Any]:
        """What the object points to, as a client would post it."""
        keys = (f for f in obj._meta.concrete_fields if f.many_to_one and not f.primary_key)
        return {f.name: getattr(obj, f.attname) for f in keys if getattr(obj, f.attname) is not None}

    def get(self, request: Request, pk: int) -> Response:
        """Whether a copy is allowed."""
        obj = self.get_object()
        extra = getattr(self.resource, "copy_report", None)
        report = extra(request.user, obj) if extra else {}
        return Response({"can_copy": self.may_copy(obj)} | report)

    def post(self, request: Request, pk: int) -> Response:
        """The copy; 201."""
        obj = self.get_object()
        if not self.may_copy(obj):
            raise PermissionDenied
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            twin = copy_object(obj, given.validated_data["name"], self.resource, request.user)
        serializer = self.resource.serializer_class(twin, context={"request": request, "view": self, "detail": True})
        return Response(serializer.data, status=status.HTTP_201_CREATED)


def copy_object(obj: Any, name: str, resource: Any, user: Any) -> Any:
    """A new row with the same columns and the links that `resource.copies` names; the copier administers it."""
    twin = type(obj)()
    reset = {*OWN, *getattr(resource, "copy_resets", ())}
    for field in obj._meta.concrete_fields:
        if not field.primary_key and field.name not in reset and not isinstance(field, models.OneToOneField):
            setattr(twin, field.attname, getattr(obj, field.attname))
    twin.name = name
    prepare = getattr(resource, "before_copy", None)
    if prepare:
        prepare(obj, twin, user)
    own = {f.name for f in obj._meta.concrete_fields if f.name in OWN}
    twin.clean_fields(exclude=own)
    twin.validate_unique(exclude=own)
    twin.validate_constraints(exclude=own)  # not clean(): a copy may have a name that only courtesy keeps apart
    twin.is_copy = True
    twin.save()
    for relation in resource.copies or ():
        copy_links(obj, twin, relation)
    finish = getattr(resource, "after_copy", None)
    if finish:
        finish(obj, twin, user)
    resource.grant_creator(twin, user)
    return twin


def copy_links(obj: Any, twin: Any, relation: str) -> None:
    """Copy one many-to-many, with positions where the link has them."""
    source, target = getattr(obj, relation), getattr(twin, relation)
    if hasattr(source.through, "position"):
        links = source.through._default_manager.filter(**{source.source_field_name: obj.pk})
        for link in links.order_by("position"):
            child = getattr(link, source.target_field_name)
            target.add(child, through_defaults={"position": link.position})
    else:
        target.set(source.all())
