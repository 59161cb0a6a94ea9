"""What is done with tokens beyond one row."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .lifetimes import lifetimes
from .models import OAuth2AccessToken, OAuth2Grant, OAuth2IDToken, OAuth2RefreshToken


@transaction.atomic
def clear_expired() -> int:
    """Delete, in a few statements, all that no longer opens anything; returns the number of rows.

    A refresh token is kept for its lifetime after its access token ended, or after it was traded, so that a second
    use of it is noticed.
    """
    now = timezone.now()
    edge = now - timedelta(seconds=lifetimes()["REFRESH_TOKEN_EXPIRE_SECONDS"])
    refresh = OAuth2RefreshToken.objects
    gone = refresh.filter(revoked__lte=edge).delete()[0]
    gone += refresh.filter(revoked=None, access_token=None).delete()[0]
    gone += refresh.filter(revoked=None, access_token__expires__lte=edge).delete()[0]
    gone += OAuth2AccessToken.objects.filter(refresh_token=None, expires__lt=now).delete()[0]
    gone += OAuth2IDToken.objects.filter(access_token=None, expires__lt=now).delete()[0]
    gone += OAuth2Grant.objects.filter(expires__lt=now).delete()[0]
    return gone
