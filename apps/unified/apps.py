"""What all templates and jobs share: launch, dispatch, run, events."""

from django.apps import AppConfig


class UnifiedConfig(AppConfig):
    """The unified app."""

    name = "apps.unified"
    label = "unified"
