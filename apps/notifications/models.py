"""Notification templates, and the messages that were sent by them."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps.core.fields import EncryptedJSONField
from apps.core.models import Named, Stamped
from apps.rbac.mixins import Follower, RoleModel

KINDS = (
    ("awssns", "AWS SNS"),
    ("email", "Email"),
    ("grafana", "Grafana"),
    ("irc", "IRC"),
    ("mattermost", "Mattermost"),
    ("pagerduty", "Pagerduty"),
    ("rocketchat", "Rocket.Chat"),
    ("slack", "Slack"),
    ("twilio", "Twilio"),
    ("webhook", "Webhook"),
)
PENDING, SUCCESSFUL, FAILED = "pending", "successful", "failed"
STATUSES = ((PENDING, "Pending"), (SUCCESSFUL, "Successful"), (FAILED, "Failed"))
EVENTS = ("started", "success", "error", "workflow_approval")


def no_messages() -> dict[str, Any]:
    """No custom message for any event."""
    return dict.fromkeys(EVENTS)


class NotificationTemplate(RoleModel, Named):
    """Whom to tell, by which channel, in which words."""

    organization = models.ForeignKey("identity.Organization", models.CASCADE, related_name="notification_templates")
    notification_type = models.CharField(max_length=32, choices=KINDS)
    notification_configuration: models.Field[Any, Any] = EncryptedJSONField()
    messages = models.JSONField(null=True, blank=True, default=no_messages)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organization", "name"), name="notifications_template_once"),)


class Notification(Follower, Stamped):
    """One message, and what became of it."""

    rights_from = "notification_template"

    notification_template = models.ForeignKey(NotificationTemplate, models.CASCADE, related_name="notifications")
    status = models.CharField(max_length=20, choices=STATUSES, default=PENDING)
    error = models.TextField(blank=True, default="")
    notifications_sent = models.IntegerField(default=0)
    notification_type = models.CharField(max_length=32, choices=KINDS)
    recipients = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    body = models.JSONField(blank=True, default=dict)
    event = models.CharField(max_length=32, blank=True, default="", editable=False)  # so that a job tells it once

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.notification_type} {self.status}"
