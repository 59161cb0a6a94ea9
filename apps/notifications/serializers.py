"""Notification templates and notifications as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from apps.core.crypto import MASK
from apps.core.serializers import COMMON, NAMED, ResourceSerializer, iso

from . import checks
from .backends import BACKENDS
from .models import Notification, NotificationTemplate

RECENT = 5
WITH_BODY = ("email", "webhook", "pagerduty")


class ConfigurationField(serializers.JSONField):
    """The configuration: secrets are shown masked."""

    def get_attribute(self, instance: NotificationTemplate) -> Any:
        """What may be shown."""
        secrets = BACKENDS[instance.notification_type].secrets
        found = instance.notification_configuration
        return {name: MASK if name in secrets and value else value for name, value in found.items()}


class NotificationTemplateSerializer(ResourceSerializer):
    """Whom to tell, and how."""

    notification_configuration = ConfigurationField(required=False, default=dict, help_text="What the kind needs.")
    messages = serializers.JSONField(required=False, allow_null=True, help_text="Words of one's own, by event.")

    class Meta:
        model = NotificationTemplate
        fields = (*NAMED, "organization", "notification_type", "notification_configuration", "messages")
        capabilities = {"edit": "change", "delete": "delete", "copy": "copy"}

    def summarize(self, objects: list[NotificationTemplate]) -> dict[Any, dict[str, Any]]:
        """`recent_notifications` of a page of templates, in one query."""
        rank = Window(RowNumber(), partition_by=F("notification_template"), order_by=F("pk").desc())
        rows = Notification.objects.filter(notification_template__in=[obj.pk for obj in objects]).annotate(rank=rank)
        recent = defaultdict(list)
        for row in rows.filter(rank__lte=RECENT).order_by("-pk"):
            entry = {"id": row.pk, "status": row.status, "created": iso(row.created), "error": row.error}
            recent[row.notification_template_id].append(entry)
        return {obj.pk: {"recent_notifications": recent[obj.pk]} for obj in objects}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The configuration is complete for its kind, and custom messages can be rendered."""
        before: Any = self.instance
        kind = attrs.get("notification_type") or before.notification_type
        if before is None or not self.partial:
            attrs = {"notification_configuration": {}} | attrs
        changed = before is not None and kind != before.notification_type
        if "notification_configuration" in attrs or changed:
            given = attrs.get("notification_configuration", before.notification_configuration if before else {})
            kept = before.notification_configuration if before is not None and not changed else None
            attrs["notification_configuration"] = self.configured(kind, given, kept)
        if "messages" in attrs:
            old = before.messages if before is not None else None
            attrs["messages"] = checks.merged_messages(self.worded(kind, attrs["messages"]), old)
        return super().validate(attrs)

    @staticmethod
    def configured(kind: str, given: Any, before: dict[str, Any] | None) -> dict[str, Any]:
        """The configuration; 400 with all that is wrong."""
        if not isinstance(given, dict):
            message = "This must be a mapping of names to values."
            raise serializers.ValidationError({"notification_configuration": [message]})
        try:
            return checks.configured(kind, given, before)
        except checks.Wrong as error:
            raise serializers.ValidationError({"__all__": error.sentences}) from error

    @staticmethod
    def worded(kind: str, messages: Any) -> dict[str, Any] | None:
        """The messages; 400 with all that is wrong."""
        try:
            return checks.checked_messages(kind, messages)
        except checks.Wrong as error:
            raise serializers.ValidationError({"messages": error.sentences}) from error


class NotificationSerializer(ResourceSerializer):
    """One message, and what became of it."""

    body = serializers.SerializerMethodField(help_text="What was said.")

    class Meta:
        model = Notification
        fields = (
            *COMMON, "notification_template", "error", "status", "notifications_sent", "notification_type",
            "recipients", "subject", "body",
        )  # fmt: skip
        read_only_fields = fields
        summaries = {"notification_template": ("id", "name", "description")}

    def get_body(self, obj: Notification) -> Any:
        """The text alone where that is all there is."""
        only_text = isinstance(obj.body, dict) and set(obj.body) == {"body"}
        return obj.body["body"] if only_text else obj.body

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        """Data have no subject; lines have no body."""
        out = super().to_representation(instance)
        if instance.notification_type == "webhook":
            out.pop("subject", None)
        if instance.notification_type not in WITH_BODY:
            out.pop("body", None)
        return out
