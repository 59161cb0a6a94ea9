"""Accounts elsewhere that open an account here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ExternalAccount(models.Model):
    """One account at a sign-on provider; directories of LDAP are known by `User.ldap_dn` instead."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="external_accounts")
    provider = models.CharField(max_length=32)
    uid = models.CharField(max_length=512)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("provider", "uid"), name="one_external_account")]

    def __str__(self) -> str:
        return f"{self.provider}:{self.uid}"
