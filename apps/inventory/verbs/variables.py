"""variable_data/: the variables as an object instead of a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml
from django.core.exceptions import ValidationError as ModelError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.core.parsers import JSONParser
from apps.core.verb_views import VerbView
from apps.inventory.serializers.host import VariableDataSerializer


class YAMLParser(BaseParser):
    """A body of YAML."""

    media_type = "application/yaml"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The mapping."""
        try:
            return parse_variables(stream.read().decode())
        except (ModelError, UnicodeDecodeError) as error:
            raise ParseError("The body must be a mapping in YAML.") from error


class YAMLRenderer(BaseRenderer):
    """An answer in YAML."""

    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The text."""
        plain = json.loads(json.dumps(data, default=str))
        return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).encode()


class VariableDataView(VerbView):
    """The variables of an inventory, a host or a group."""

    serializer_class = VariableDataSerializer
    parser_classes = (JSONParser, YAMLParser)
    renderer_classes = (JSONRenderer, YAMLRenderer, BrowsableAPIRenderer)

    def get(self, request: Request, pk: int) -> Response:
        """What the text stands for."""
        return Response(parse_variables(self.get_object().variables))

    def put(self, request: Request, pk: int) -> Response:
        """Replace all of them."""
        obj = self.require("change")
        try:
            text = json.dumps(request.data, allow_nan=False)
        except ValueError as error:
            raise BadRequest({"variables": ["Numbers must be finite."]}) from error
        if "\\u0000" in text:
            raise BadRequest({"variables": ["Text cannot hold a null character."]})
        obj.variables = text
        obj.save(update_fields=["variables"])
        return Response(parse_variables(obj.variables))

    def patch(self, request: Request, pk: int) -> Response:
        """The same as PUT."""
        return self.put(request, pk)
