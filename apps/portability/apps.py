"""Carrying configuration in and out. It has no tables."""

from django.apps import AppConfig


class PortabilityConfig(AppConfig):
    """The app of the commands that move whole installations."""

    name = "apps.portability"
    label = "portability"
