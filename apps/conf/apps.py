"""The settings registry."""

from django.apps import AppConfig


class ConfConfig(AppConfig):
    """The conf app."""

    name = "apps.conf"
    label = "conf"
