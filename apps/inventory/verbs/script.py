"""script/: the inventory as Ansible reads it from a script, streamed."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import Http404, StreamingHttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.core.verb_views import VerbView
from apps.inventory.services.hosts import hosts_of
from apps.inventory.services.script import Options, pieces

SLICE = re.compile(r"^slice([0-9]{1,6})of([0-9]{1,6})$")


class NothingSerializer(serializers.Serializer):
    """How OPTIONS describes the script: not at all."""


class ScriptView(VerbView):
    """`?hostvars=1&towervars=1&all=1&host=NAME&subset=slice1of2`; any text switches a flag on."""

    serializer_class = NothingSerializer

    def get(self, request: Request, pk: int) -> Any:
        """The inventory, or the variables of one host."""
        inventory, asked = self.get_object(), request.query_params
        show_all = bool(asked.get("all"))
        if asked.get("host"):
            hosts = hosts_of(inventory).filter(name=asked["host"].replace("\0", ""))
            host = (hosts if show_all else hosts.filter(enabled=True)).first()
            if host is None:
                raise Http404
            return Response(parse_variables(host.variables))
        number, count = self.slice(asked.get("subset", ""))
        options = Options(
            hostvars=bool(asked.get("hostvars")), towervars=bool(asked.get("towervars")), show_all=show_all,
            slice_number=number, slice_count=count,
        )  # fmt: skip
        if request.accepted_renderer.format != "json":
            return Response(json.loads("".join(pieces(inventory, options))))
        return StreamingHttpResponse(packed(pieces(inventory, options)), content_type="application/json")

    @staticmethod
    def slice(text: str) -> tuple[int, int]:
        """Which slice of how many."""
        if not text:
            return 0, 1
        found = SLICE.match(text)
        if not found:
            raise BadRequest({"detail": f"The subset {text!r} is not of the form sliceNofM."})
        number, count = int(found[1]), int(found[2])
        if not 0 < number <= count:
            raise BadRequest({"detail": f"There is no slice {number} of {count}."})
        return number, count


def packed(parts: Any, size: int = 65_536) -> Any:
    """Small pieces joined to larger ones, so that each is worth a packet."""
    held, length = [], 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= size:
            yield "".join(held)
            held, length = [], 0
    yield "".join(held)
