"""Bearer tokens."""

from oauth2_provider.contrib.rest_framework import OAuth2Authentication


class BearerAuthentication(OAuth2Authentication):
    """Authenticates a request by its OAuth 2 access token."""
