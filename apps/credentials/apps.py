"""Credentials, their types and external secrets."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Gives new organizations the public Galaxy."""

    name = "apps.credentials"
    label = "credentials"
    verbose_name = "Credentials"

    def ready(self) -> None:
        """Connect to what lower apps announce."""
        from apps.core import events

        from .services.preload import give_public_galaxy

        events.organization_created.connect(give_public_galaxy, dispatch_uid="credentials.galaxy")
