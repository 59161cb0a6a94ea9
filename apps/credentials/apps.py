"""Credentials, their types and external secrets."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """The credentials app."""

    name = "apps.credentials"
    label = "credentials"
