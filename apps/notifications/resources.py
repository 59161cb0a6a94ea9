"""notification_templates, notifications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException

from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb

from .access import NotificationAccess, NotificationTemplateAccess
from .models import PENDING, Notification, NotificationTemplate
from .serializers import NotificationSerializer, NotificationTemplateSerializer
from .verbs import NotificationTemplateTest

RECENT = timedelta(days=1)  # a message that is older will not be sent any more


class StillSending(APIException):
    """405: messages are on their way."""

    status_code = status.HTTP_405_METHOD_NOT_ALLOWED
    default_detail = {"error": "Messages of this template are still to be sent."}


@register("notification_templates")
class NotificationTemplates(Resource):
    """Whom to tell, and how."""

    model = NotificationTemplate
    serializer_class = NotificationTemplateSerializer
    access = NotificationTemplateAccess
    joins = ("organization",)
    named_by = (("name",), ("organization__name",))
    copies = ()
    sublists = (Sub("notifications"),)
    verbs = (Verb("test", NotificationTemplateTest),)
    secret_fields = ("notification_configuration",)

    def check_delete(self, obj: NotificationTemplate) -> None:
        """A template stays while it sends."""
        if obj.notifications.filter(status=PENDING, created__gt=timezone.now() - RECENT).exists():
            raise StillSending


@register("notifications")
class Notifications(Resource):
    """What was sent."""

    model = Notification
    serializer_class = NotificationSerializer
    access = NotificationAccess
    list_methods: ClassVar[Any] = ("get",)
    detail_methods: ClassVar[Any] = ("get",)
    search = ("subject", "notification_type", "body")
