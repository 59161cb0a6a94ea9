"""OAuth 2 applications, tokens and grants: django-oauth-toolkit's models with what the API shows besides."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from apps.core import context
from apps.core.prepared import Given, Prepared
from apps.rbac.mixins import Follower, FollowerQuerySet

HASHED = "sha256$"
SCOPE = RegexValidator(r"^(read|write|read write|write read)$", "The scope is read, write, or both, each once.")


def digest(token: str) -> str:
    """What a token is looked up by: it is random and long, so that a plain hash keeps it secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


class Digest(str):
    """A hash as the table holds it: not to be hashed again."""


class DigestField(models.CharField):
    """Text of which only the hash is stored; looking for the clear text finds it."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Mark what is a hash already."""
        return value if value is None else Digest(value)

    def get_prep_value(self, value: Any) -> Any:
        """Hash what is stored or looked for."""
        value = super().get_prep_value(value)
        return value if value is None or isinstance(value, Digest) else digest(value)


class OAuth2Application(Follower, AbstractApplication):  # type: ignore[django-manager-missing]
    """A program that acts for users. Its secret is kept as a hash and shown once, when it is made."""

    rights_from = "organization"
    objects = FollowerQuerySet.as_manager()  # type: ignore[misc]

    GRANT_TYPES = (
        (AbstractApplication.GRANT_AUTHORIZATION_CODE, "Authorization code"),
        (AbstractApplication.GRANT_PASSWORD, "Resource owner password-based"),
    )

    user = models.ForeignKey(
        "identity.User", models.SET_NULL, null=True, blank=True, editable=False, related_name="oauth2applications"
    )
    description = models.TextField(blank=True, default="")
    organization = models.ForeignKey(
        "identity.Organization", models.CASCADE, related_name="applications", help_text="Where it belongs."
    )
    name = models.CharField(max_length=255, help_text="Its name, unique within the organization.")
    authorization_grant_type = models.CharField(
        max_length=32, choices=GRANT_TYPES, help_text="How users obtain tokens for it."
    )
    hash_client_secret = models.BooleanField(default=False, editable=False)  # we hash it ourselves, and faster
    logo_data = models.TextField(blank=True, default="", editable=False)

    class Meta:
        ordering = ("organization", "name")
        unique_together = (("name", "organization"),)

    shown_secret: str | None = None  # the secret in clear, only on the instance that has just been made

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Hash a secret that is not hashed yet; a public application has none to keep."""
        if self.client_type == self.CLIENT_PUBLIC and self._state.adding:
            self.client_secret = ""
        if self.client_secret and not self.client_secret.startswith(HASHED):
            self.shown_secret = self.client_secret
            self.client_secret = HASHED + digest(self.client_secret)
        if self._state.adding and self.user_id is None and context.actor() is not None:
            self.user = context.actor()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Errors about addresses concern the whole object, as clients expect."""
        try:
            super().clean()
        except ValidationError as error:
            raise ValidationError(list(error.messages)) from error

    def holds_secret(self, given: str) -> bool:
        """Whether this is the application's secret, compared in constant time."""
        return bool(self.client_secret) and hmac.compare_digest(self.client_secret, HASHED + digest(given))

    @property
    def modified(self) -> Any:
        """When it last changed."""
        return self.updated


class OAuth2AccessToken(AbstractAccessToken):
    """What a client sends as `Bearer`. The table holds only its hash."""

    user = models.ForeignKey(
        "identity.User", models.CASCADE, null=True, blank=True, related_name="oauth2accesstokens", editable=False
    )
    application = models.ForeignKey(
        OAuth2Application, models.CASCADE, null=True, blank=True, default=None, related_name="oauth2accesstokens"
    )
    description = models.TextField(blank=True, default="")
    token = models.TextField(blank=True, default="", editable=False)
    scope = models.TextField(default="write", validators=[SCOPE], help_text="read, write, or both.")
    expires = models.DateTimeField(editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("expires",), name="oauth_token_expires"),)

    shown_token: str | None = None  # the token in clear, only on the instance that has just been made

    def __str__(self) -> str:
        return f"access token {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stamp the change."""
        self.modified = timezone.now()
        super().save(*args, **kwargs)

    def issue(self, seconds: int) -> str:
        """Make the token itself, valid for some seconds from now; only its hash stays. Returns the clear text."""
        self.shown_token = new_token()
        self.token, self._raw_token = "", self.shown_token
        self.expires = timezone.now() + timedelta(seconds=seconds)
        return self.shown_token

    def revoke_all(self) -> None:
        """End the token, and the refresh token by which it could come back."""
        refresh = OAuth2RefreshToken.objects.filter(access_token=self).first()
        if refresh is not None:
            refresh.revoke()
        else:
            self.delete()

    @classmethod
    def find(cls, token: str) -> OAuth2AccessToken | None:
        """The token with its user, whether or not it has expired."""
        return next(iter(FIND(digest(token))), None)


# what every request with a token asks; the checksum is unique
FIND = Prepared(lambda: OAuth2AccessToken.objects.select_related("user").filter(token_checksum=Given(0)))


class OAuth2RefreshToken(AbstractRefreshToken):
    """What a client trades for a new access token. The table holds only its hash."""

    user = models.ForeignKey("identity.User", models.CASCADE, related_name="oauth2refreshtokens")
    application = models.ForeignKey(OAuth2Application, models.CASCADE, related_name="oauth2refreshtokens")
    token = models.TextField(blank=True, default="", editable=False)
    shown_token: str | None = None

    def __str__(self) -> str:
        return f"refresh token {self.pk}"


class OAuth2Grant(AbstractGrant):
    """An authorization code, good for one exchange within minutes."""

    user = models.ForeignKey("identity.User", models.CASCADE, related_name="oauth2grants")
    application = models.ForeignKey(OAuth2Application, models.CASCADE, related_name="oauth2grants")
    code = DigestField(max_length=64, unique=True, editable=False)

    def __str__(self) -> str:
        return f"grant {self.pk}"


class OAuth2IDToken(AbstractIDToken):
    """An OpenID Connect token; the toolkit's models ask for the table, nothing here issues one."""

    user = models.ForeignKey("identity.User", models.CASCADE, null=True, blank=True, related_name="oauth2idtokens")
    application = models.ForeignKey(
        OAuth2Application, models.CASCADE, null=True, blank=True, related_name="oauth2idtokens"
    )

    def __str__(self) -> str:
        return f"id token {self.pk}"
