"""OAuth 2 applications and tokens: whoever has a token from AWX goes on using it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.identity.models import User
from apps.oauth.models import HASHED, OAuth2AccessToken, OAuth2Application, OAuth2RefreshToken, digest

from . import secrets
from .copying import Copied, Run, SkipError, reserve
from .source import Row

APPLICATIONS, TOKENS, REFRESH = "main_oauth2application", "main_oauth2accesstoken", "main_oauth2refreshtoken"


def applications(run: Run, row: Row) -> None:
    """The secret of a confidential application is kept as a hash."""
    clear = row["client_secret"] or ""
    if secrets.is_secret(clear):
        clear = secrets.decrypt(clear, run.secret_key, "value")
    row["client_secret"] = HASHED + digest(clear) if clear else ""
    row["algorithm"] = row.get("algorithm") or ""


APPLICATION = Copied(
    APPLICATIONS,
    OAuth2Application,
    "applications",
    {"organization_id": "main_organization", "user_id": "auth_user"},
    ("organization_id",),
    ("client_id",),
    prepare=applications,
)


def copy(run: Run) -> None:
    """Applications first, then what was issued for them."""
    APPLICATION.run(run)
    if not run.source.has(TOKENS):
        return
    reserve(OAuth2AccessToken, run.source.highest(TOKENS))
    for row in run.source.rows(TOKENS):
        try:
            access(run, row)
        except SkipError as why:
            run.map(TOKENS).lost.add(row["id"])
            run.report.refuse("tokens", row["id"], str(why))
    for row in run.source.rows(REFRESH):
        refresh(run, row)


def owner(run: Run, row: Row) -> dict[str, Any]:
    """Whose it is and for which application; SkipError where one of them is not here."""
    user = run.map("auth_user").of(row["user_id"])
    application = run.map(APPLICATIONS).of(row["application_id"])
    if not User.objects.filter(pk=user).exists():
        raise SkipError("its user is not here")
    if row["application_id"] is not None and application is None:
        raise SkipError("its application is not here")
    return {"user_id": user, "application_id": application}


def access(run: Run, row: Row) -> None:
    """One access token; expired ones stay behind."""
    if row["expires"] <= timezone.now():
        raise SkipError("it has expired")
    known = OAuth2AccessToken.objects.filter(token_checksum=digest(row["token"])).values_list("pk", flat=True).first()
    if known is not None:
        run.map(TOKENS).put(row["id"], known)
        run.report.present["tokens"] += 1
        return
    free = not OAuth2AccessToken.objects.filter(pk=row["id"]).exists()
    made = OAuth2AccessToken(
        **({"pk": row["id"]} if free else {}),
        **owner(run, row),
        token_checksum=digest(row["token"]),
        scope=row["scope"],
        expires=row["expires"],
        description=row.get("description") or "",
        created=row["created"],
        updated=row.get("updated") or row["created"],
        modified=row.get("modified") or row["created"],
    )
    made.save_base(raw=True, force_insert=True)
    run.map(TOKENS).put(row["id"], made.pk)
    run.report.taken["tokens"] += 1


def refresh(run: Run, row: Row) -> None:
    """One refresh token that still works."""
    if row.get("revoked") or row["access_token_id"] is None:
        return
    access_token = run.map(TOKENS).of(row["access_token_id"])
    checksum = digest(row["token"])
    if access_token is None or OAuth2RefreshToken.objects.filter(token_checksum=checksum).exists():
        return
    made = OAuth2RefreshToken(
        **owner(run, row),
        token_checksum=checksum,
        access_token_id=access_token,
        token_family=uuid4(),
        created=row["created"],
        updated=row.get("updated") or row["created"],
    )
    made.save_base(raw=True, force_insert=True)
    run.report.taken["refresh tokens"] += 1
