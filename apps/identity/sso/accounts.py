"""From an account at a provider to the user here: found, made once, and kept as the provider says."""

from __future__ import annotations

import logging
import secrets
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.core import context
from apps.identity.models import ExternalAccount, User

from .profiles import FIELDS, FLAGS, Profile

log = logging.getLogger(__name__)
SUFFIX = 8  # characters that make a taken name free


class NotOursError(Exception):
    """The account opens nothing here; the sentence says why."""


class InactiveError(NotOursError):
    """The account is switched off here."""


def user_of(profile: Profile) -> User:
    """The user of a recognised account, made where there is none; NotOursError where the name is somebody else's."""
    with transaction.atomic():
        user = claimed(profile) if profile.source == "social" else same_name(profile)
    if not user.is_active:
        raise InactiveError(f"The account {user.username} is switched off.")
    with transaction.atomic(), context.acting_as(user):
        update(user, profile)
        profile.join(user)
    return user


def same_name(profile: Profile) -> User:
    """The user of a directory's account: he has the same name here, and the directory made him."""
    user, made = User.objects.get_or_create(username=valid(profile.username), defaults=columns(profile))
    if made:
        remember(user, profile)
    elif not belongs(user, profile):
        raise NotOursError(f"The name {user.username} belongs to an account that {profile.provider} did not make.")
    return user


def belongs(user: User, profile: Profile) -> bool:
    """Whether the provider made the user: local users and those of other providers are never taken over."""
    if profile.provider == "ldap":
        return user.external_source == "ldap"
    if user.external_source != profile.source:
        return False
    known = ExternalAccount.objects.filter(user=user)
    return known.filter(provider=profile.provider, uid=profile.uid).exists()


def claimed(profile: Profile) -> User:
    """The user of an account that the provider names by an id; his name here is free to be another."""
    known = ExternalAccount.objects.select_related("user")
    account = known.filter(provider=profile.provider, uid=profile.uid).first()
    if account is not None:
        return account.user
    name = valid(profile.username)
    # two sign-ons of one new person at a time: the later one waits here, and then finds the row of the earlier
    lock(f"{profile.provider}:{profile.uid}")
    account = known.filter(provider=profile.provider, uid=profile.uid).first()
    if account is not None:
        return account.user
    if not profile.new:
        raise NotOursError("New accounts are not made by this sign-on.")
    user, made = User.objects.get_or_create(username=name, defaults=columns(profile))
    if not made:
        free = f"{name[: 150 - SUFFIX]}{secrets.token_hex(SUFFIX // 2)}"
        user = User.objects.create(username=free, **columns(profile))
    remember(user, profile)
    return user


def lock(name: str) -> None:
    """Hold a name until the transaction ends."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign-on {name}"])


def remember(user: User, profile: Profile) -> None:
    """Note which account made the user."""
    if profile.provider != "ldap":
        ExternalAccount.objects.create(user=user, provider=profile.provider, uid=profile.uid)
    log.info("%s signed on by %s for the first time", user.username, profile.provider)


def valid(name: str) -> str:
    """The username; NotOursError for one that cannot be an account's name here."""
    try:
        User._meta.get_field("username").run_validators(name)
    except ValidationError as error:
        raise NotOursError("The account has a name that cannot be used here.") from error
    if not name:
        raise NotOursError("The account has no name.")
    return name


def plain(name: str) -> str:
    """A directory's name in one form: directories do not tell capitals from small letters."""
    return unicodedata.normalize("NFKC", name).lower()


def columns(profile: Profile) -> dict[str, Any]:
    """A new user: without a password that could ever fit."""
    blank = User()
    blank.set_unusable_password()
    return {"password": blank.password, "external_source": profile.source, "ldap_dn": profile.dn} | values(profile)


def values(profile: Profile) -> dict[str, Any]:
    """What the provider says, cut to what the columns hold."""
    out: dict[str, Any] = {}
    for name in FIELDS:
        if name in profile.fields:
            out[name] = profile.fields[name].replace("\0", "")[: User._meta.get_field(name).max_length]
    return out | {name: profile.flags[name] for name in FLAGS if name in profile.flags}


def update(user: User, profile: Profile) -> None:
    """Bring the user up to date; nothing is written where nothing changed."""
    fresh = values(profile) | ({"ldap_dn": profile.dn} if profile.dn else {})
    if any(getattr(user, name) != value for name, value in fresh.items()):
        for name, value in fresh.items():
            setattr(user, name, value)
        user.save()
