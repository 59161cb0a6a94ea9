"""test/: try a lookup without storing anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.crypto import MASK
from apps.core.errors import BadRequest
from apps.core.verb_views import VerbView
from apps.identity.models import Organization

from .plugins.base import LookupFailed
from .services.lookups import fetch, resolved
from .services.types import managed_of


class Empty(serializers.Serializer):
    """No field."""


class LookupTest(VerbView):
    """What both kinds of test share."""

    serializer_class = Empty

    def get(self, request: Request, pk: int) -> Response:
        """Nothing to see."""
        self.get_object()
        return Response({})

    def mapping(self, request: Request, name: str) -> dict[str, Any]:
        """A mapping in the body; 400 where it is something else."""
        body: Any = request.data
        found = body.get(name, {})
        if not isinstance(found, dict):
            raise BadRequest({name: ["This must be a mapping of names to values."]})
        return found

    def attempt(self, credential_type: Any, values: Callable[[], dict[str, Any]]) -> Response:
        """202 where the value was found; 400 with the reason where not."""
        if managed_of(credential_type).lookup is None:
            raise BadRequest({"inputs": "This type looks nothing up."})
        try:
            fetch(credential_type, values())
        except LookupFailed as error:
            raise BadRequest({"inputs": str(error)}) from error
        return Response({}, status=status.HTTP_202_ACCEPTED)


class CredentialTest(LookupTest):
    """The lookup of a stored credential."""

    def post(self, request: Request, pk: int) -> Response:
        """Look up what `metadata` names; the right to use the credential is needed."""
        obj = self.require("use")
        metadata = self.mapping(request, "metadata")
        return self.attempt(obj.credential_type, lambda: resolved(obj) | metadata)


class CredentialTypeTest(LookupTest):
    """The lookup of inputs that are not stored yet."""

    def post(self, request: Request, pk: int) -> Response:
        """Look up what `metadata` names with `inputs`; not everyone may make us call any address."""
        obj = self.get_object()
        given = self.mapping(request, "inputs") | self.mapping(request, "metadata")
        if obj.kind == "external" and not self.may_try(request.user):
            raise PermissionDenied
        if MASK in [value for value in given.values() if isinstance(value, str)]:
            raise BadRequest({"inputs": f"{MASK} stands for a stored value, and nothing is stored here."})
        return self.attempt(obj, lambda: given)

    @staticmethod
    def may_try(user: Any) -> bool:
        """Whoever may make credentials in some organization."""
        return user.is_superuser or Organization.objects.permitted_to(user, "add_credential").exists()
