"""webhook_key/, and the three receivers; for workflow templates too."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import registry
from apps.core.parsers import check_unicode
from apps.core.verb_views import VerbView
from apps.jobs import services, webhooks

from .survey import AnySerializer


class WebhookKeyView(VerbView):
    """The key that signs deliveries: for those who may change the template."""

    serializer_class = AnySerializer

    def get(self, request: Request, pk: int) -> Response:
        """The key; empty where no service is set."""
        return Response({"webhook_key": self.require("change").webhook_key})

    def post(self, request: Request, pk: int) -> Response:
        """A new key; the old one is worth nothing from here on."""
        template = self.require("change")
        template.webhook_key = webhooks.new_key()
        template.save(update_fields=["webhook_key"])
        return Response({"webhook_key": template.webhook_key}, status=status.HTTP_201_CREATED)


class ReceiverView(VerbView):
    """POST by a service. Whatever is wrong before the signature is right gets the same answer."""

    service: ClassVar[webhooks.Service]
    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Without a look at what the body says: the signature is of its bytes, and comes first."""
        self.raw = request._request.body
        APIView.initial(self, request, *args, **kwargs)

    def post(self, request: Request, pk: int) -> Response:
        """Check the signature, then start a job, once a delivery."""
        if self.service.is_greeting(request.headers):  # answered alike wherever it goes: it tells nothing
            return Response({"message": "Webhook ignored"})
        template = self.resource.model._default_manager.filter(pk=pk).first()
        key = template.webhook_key if template and template.webhook_service == self.service.name else ""
        trusted = self.service.trusted(request.headers, self.raw, key or webhooks.new_key())
        if not key or not trusted:
            raise PermissionDenied
        payload = self.payload()
        event = self.service.event(request.headers, self.raw, payload)
        if not self.service.starts(event.kind):
            return Response({"message": "Webhook ignored"})
        with transaction.atomic():
            self.resource.model._base_manager.select_for_update(of=("self",)).get(pk=pk)  # one delivery at a time
            if event.guid and known(self.service.name, event.guid, template):
                return Response({"message": "Webhook previously received, aborting."}, status=status.HTTP_202_ACCEPTED)
            self.start(template, event, payload)
        return Response({"message": "Job queued."}, status=status.HTTP_202_ACCEPTED)

    def payload(self) -> Any:
        """The body as JSON."""
        try:
            data = json.loads(self.raw)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not JSON.") from error
        check_unicode(self.raw, data)
        return data

    def start(self, template: Any, event: webhooks.Event, payload: Any) -> None:
        """Launch the template; workflows launch in their own way."""
        services.launch(
            template, actor=None, launch_type="webhook", variables=event.variables(payload),
            webhook_service=template.webhook_service, webhook_guid=event.guid,
            webhook_credential_id=template.webhook_credential_id,
        )  # fmt: skip


def known(service: str, guid: str, template: Any) -> bool:
    """Whether a job or a workflow job of the template came from this delivery."""
    same = {"unified_job_template": template.pk, "webhook_service": service, "webhook_guid": guid}
    models = [registry.by_slug(slug).model for slug in ("jobs", "workflow_jobs")]
    return any(model.objects.filter(**same).exists() for model in models)


def receiver(name: str, base: type[ReceiverView] = ReceiverView) -> type[ReceiverView]:
    """The view class of one service."""
    body = {"service": webhooks.SERVICES[name], "__doc__": base.__doc__}
    return type(f"{name.title()}ReceiverView", (base,), body)
