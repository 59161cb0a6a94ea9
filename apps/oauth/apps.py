"""OAuth 2 applications and tokens."""

from django.apps import AppConfig


class OauthConfig(AppConfig):
    """The oauth app."""

    name = "apps.oauth"
    label = "oauth"
    verbose_name = "Applications and tokens"
    browse_last = True
