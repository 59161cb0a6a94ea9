"""Notification templates and their backends."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications app."""

    name = "apps.notifications"
    label = "notifications"
