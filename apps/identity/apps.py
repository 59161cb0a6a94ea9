"""People: organizations, users, teams, labels."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """The identity app."""

    name = "apps.identity"
    label = "identity"
    verbose_name = "People"
