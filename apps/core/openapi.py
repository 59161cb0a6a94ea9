"""How the API describes itself in OpenAPI: what drf-spectacular cannot see in resources, sub-lists and verbs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.generics import GenericAPIView

WRITES = ("POST", "PUT", "PATCH")
ERROR = {
    "description": "A refusal: `detail` or `error` with a sentence, or names of fields with lists of sentences.",
    "content": {"application/json": {"schema": {"type": "object", "additionalProperties": {}}}},
}


class LinkBody(serializers.Serializer):
    """Links the object of this id; with `disassociate` it unlinks it."""

    id = serializers.IntegerField()
    disassociate = serializers.BooleanField(required=False)


class Schema(AutoSchema):
    """Operations as the API's own classes mean them."""

    def get_operation_id(self) -> str:
        """As usual; a page that is no list is read, since a detail below it is retrieved."""
        name = super().get_operation_id()
        page = not hasattr(self.view, "action") and not hasattr(self.view, "verb_name")
        if page and name.endswith("_retrieve") and not self.path.endswith("}/"):
            return f"{name.removesuffix('_retrieve')}_read"
        return name

    def get_tags(self) -> list[str]:
        """One group a resource."""
        return (self._tokenize_path() or ["root"])[:1]

    def get_request_serializer(self) -> Any:
        """What is sent; any object where the view reads the body itself."""
        if self.method not in WRITES:
            return None
        sub = getattr(self.view, "sub", None)
        if sub is not None and sub.attach and not sub.create:
            return LinkBody
        return self.declared() or OpenApiTypes.OBJECT

    def get_response_serializers(self) -> Any:
        """What comes back, with its status."""
        sub = getattr(self.view, "sub", None)
        if self.method == "DELETE":
            return {"204": None}
        if self.method == "POST" and sub is not None and sub.attach:
            linked = {"204": OpenApiResponse(description="Linked or unlinked.")}
            return linked | ({"201": self.declared()} if sub.create else {})
        if self.method in WRITES and not hasattr(self.view, "action"):
            done = OpenApiResponse(OpenApiTypes.OBJECT, description="Done, or accepted and under way.")
            return {"2XX": done, "204": OpenApiResponse(description="Done.")}
        return self.declared() or OpenApiTypes.OBJECT

    def declared(self) -> Any:
        """The serializer that the view names, or None where it names none or an empty one."""
        view = self.view
        if not hasattr(view, "get_serializer_class"):
            return None
        own = type(view).get_serializer_class is not GenericAPIView.get_serializer_class
        named = view.get_serializer_class() is not None if own else view.serializer_class is not None
        found = self._get_serializer() if named else None
        return None if type(found) is serializers.Serializer else found

    def get_override_parameters(self) -> list[Any]:
        """None beyond those of filters and pages."""
        return []


class ValueExtension(OpenApiSerializerFieldExtension):
    """Fields that say what their JSON is by an attribute `openapi`."""

    target_class = "rest_framework.serializers.Field"
    match_subclasses = True
    priority = 1

    @classmethod
    def _matches(cls, target: Any) -> bool:
        """Only those."""
        return isinstance(getattr(target, "openapi", None), dict)

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        """Its own words."""
        return dict(self.target.openapi)


def errors_of_operations(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Postprocessing: every operation may be refused, and says so in one shared form."""
    result.setdefault("components", {}).setdefault("responses", {})["Refusal"] = ERROR
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", {"$ref": "#/components/responses/Refusal"})
    return result
