"""Accounts elsewhere: who signed on to AWX with a service goes on doing so here."""

from __future__ import annotations

from apps.identity.models import ExternalAccount

from .copying import Run

SOCIAL, ENTERPRISE, USERS = "social_auth_usersocialauth", "sso_userenterpriseauth", "auth_user"


def copy(run: Run) -> None:
    """Services know people by an id, RADIUS and TACACS+ by the username. Accounts that are here already stay."""
    names = {row["id"]: row["username"] for row in run.source.rows(USERS)} if run.source.has(ENTERPRISE) else {}
    rows = [(row["user_id"], row["provider"], row["uid"]) for row in run.source.rows(SOCIAL)]
    rows += [(row["user_id"], row["provider"], names.get(row["user_id"], "")) for row in run.source.rows(ENTERPRISE)]
    for old, provider, uid in rows:
        user = run.map(USERS).of(old)
        named = ":" in uid or provider != "saml"  # SAML has rows in both tables, with its id in the first
        if user is None or not uid or not named:
            continue
        _, made = ExternalAccount.objects.get_or_create(provider=provider, uid=uid, defaults={"user_id": user})
        (run.report.taken if made else run.report.present)["accounts elsewhere"] += 1
