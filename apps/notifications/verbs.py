"""notification_templates/N/test/."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import links
from apps.core.verb_views import VerbView

from . import services


class Empty(serializers.Serializer):
    """No field."""


class NotificationTemplateTest(VerbView):
    """Send a message that says that it is a test."""

    serializer_class = Empty

    def post(self, request: Request, pk: int) -> Response:
        """202 with the id of the notification, which is sent in the background."""
        made = services.send_test(self.require("change"))
        return Response(
            {"notification": made.pk},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": links.object_url(made)},
        )
