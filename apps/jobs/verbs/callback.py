"""callback/: a host asks for its configuration."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import links
from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.core.verb_views import VerbView
from apps.jobs import services, webhooks
from apps.jobs.models import JobTemplate
from apps.jobs.serializers.launch import can_start
from apps.jobs.services import callbacks

from .survey import AnySerializer


class CallbackView(VerbView):
    """GET for people, to see which host they would be; POST for hosts that know the key, without a login."""

    serializer_class = AnySerializer

    def get_permissions(self) -> list[Any]:
        """Hosts have no account."""
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    def get(self, request: Request, pk: int) -> Response:
        """The matching hosts, and the key for those who may change the template."""
        template = self.get_object()
        editor = self.resource.access_for(request.user).may("change", template)
        found = callbacks.matching_hosts(template, callbacks.addresses_of(request.META)) if template.inventory else []
        key = template.host_config_key if editor else ""
        return Response({"host_config_key": key, "matching_hosts": [host.name for host in found]})

    def post(self, request: Request, pk: int) -> Response:
        """201 with the job's Location: it is limited to the caller."""
        template = JobTemplate.objects.select_related("inventory").filter(pk=pk).first()
        key = str(request.data.get("host_config_key", ""))
        wanted = template.host_config_key if template else ""
        if not webhooks.same(key, wanted or webhooks.new_key()):
            raise PermissionDenied
        host = the_host(template, request)
        variables = variables_of(request)
        if not can_start(template, answered=bool(variables)):
            raise refused("The template cannot start by itself: it asks for something.")
        with transaction.atomic():
            JobTemplate._base_manager.select_for_update(of=("self",)).get(pk=pk)  # one call at a time
            if callbacks.already_waiting(template, host.name):
                raise refused("A job for this host is waiting or running already.")
            job = services.launch(
                template, actor=None, launch_type="callback", prompts={"extra_vars": variables}, sliced=False,
                limit=host.name,
            )  # fmt: skip
        return Response(status=status.HTTP_201_CREATED, headers={"Location": links.object_url(job)})


def the_host(template: Any, request: Request) -> Any:
    """The one host that the caller is."""
    found = callbacks.matching_hosts(template, callbacks.addresses_of(request.META)) if template.inventory else []
    if not found:
        raise refused("No host of the inventory matches the caller.")
    if len(found) > 1:
        raise refused("Several hosts of the inventory match the caller.")
    return found[0]


def variables_of(request: Request) -> dict[str, Any]:
    """The variables that the host sends."""
    given = request.data.get("extra_vars")
    if given is not None and not isinstance(given, dict | str):
        raise refused("The extra_vars must be a mapping of names to values.")
    return parse_variables(given)


def refused(sentence: str) -> BadRequest:
    """400 as callbacks answer."""
    return BadRequest({"msg": sentence})
