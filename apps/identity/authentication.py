"""Who asks: HTTP Basic, with a short memory of verified passwords, and sessions. Bearer tokens are in apps.oauth."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpResponse
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from apps.conf import live
from apps.core import events

from . import throttle
from .csrf import ApiCheck
from .sso import passwords

REFUSED = "The username or password is wrong."


class VerifiedPasswords:
    """Remembers for a short time which passwords were found right, without holding any of them.

    The memory's key is an HMAC, under a key of this process alone, of the stored hash and the given password: whoever
    reads it learns nothing, and a changed password no longer matches.
    """

    def __init__(self, seconds: float = 120.0, size: int = 4096) -> None:
        self.seconds, self.size = seconds, size
        self.key = secrets.token_bytes(32)
        self.lock = threading.Lock()
        self.until: dict[bytes, float] = {}

    def digest(self, user: Any, password: str) -> bytes:
        """What stands for this password of this user."""
        text = f"{user.pk}\0{user.password}\0{password}"
        return hmac.digest(self.key, text.encode(), hashlib.sha256)

    def holds(self, digest: bytes) -> bool:
        """Whether this password was verified a short time ago."""
        return self.until.get(digest, 0.0) > time.monotonic()

    def remember(self, digest: bytes) -> None:
        """Keep a success."""
        with self.lock:
            if len(self.until) >= self.size:
                self.until.clear()
            self.until[digest] = time.monotonic() + self.seconds

    def clear(self, **kwargs: Any) -> None:
        """Forget all: a password has changed."""
        with self.lock:
            self.until.clear()


verified = VerifiedPasswords()
events.password_changed.connect(verified.clear, dispatch_uid="identity.verified_passwords")
events.settings_changed.connect(verified.clear, dispatch_uid="identity.verified_passwords")


def verify(username: str, password: str, *, address: str) -> Any:
    """The active user with this name and password, or None; failures are counted and slow down further ones."""
    user = get_user_model()._default_manager.filter(username=username).first() if "\0" not in username else None
    if user is not None and verified.holds(verified.digest(user, password)):
        return user if user.is_active else None
    throttle.check(username, address)
    found = checked_here(user, password) or checked_elsewhere(user, username, password, address)
    if found is not None:
        verified.remember(verified.digest(found, password))
        if found.is_active:
            return found
    throttle.failed(username, address)
    return None


def checked_here(user: Any, password: str) -> Any:
    """The user, if it is the password that is kept here."""
    if user is None or not user.has_usable_password():
        if not passwords.enabled():
            make_password(password)  # takes as long as for a user that has one
        return None
    right = local_login_allowed(user) and check_password(password, user.password, rehash(user))
    return user if right else None


def checked_elsewhere(user: Any, username: str, password: str, address: str) -> Any:
    """The user whom a directory knows; passwords of local users are given to none."""
    if user is not None and not user.external_source:
        return None
    return passwords.sign_in(username, password, address)


def local_login_allowed(user: Any) -> bool:
    """Whether passwords kept here count: DISABLE_LOCAL_AUTH leaves them to nobody but superusers."""
    return user.is_superuser or not live.get("DISABLE_LOCAL_AUTH")


def rehash(user: Any) -> Any:
    """Store the password under today's hasher when it was verified under an older one."""

    def store(raw: str) -> None:
        user.set_password(raw)
        type(user)._default_manager.filter(pk=user.pk).update(password=user.password)

    return store


class BasicAuthentication(authentication.BasicAuthentication):
    """`Authorization: Basic`, unless AUTH_BASIC_ENABLED is off."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """The user, or None where the header is of another kind or Basic is switched off."""
        kind, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "basic" or not live.get("AUTH_BASIC_ENABLED"):
            return None
        try:
            text = base64.b64decode(rest.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise AuthenticationFailed("The Authorization header cannot be read.") from error
        username, colon, password = text.partition(":")
        user = verify(username, password, address=throttle.address_of(request)) if colon else None
        if user is None:
            raise AuthenticationFailed(REFUSED)
        return user, None


class SessionAuthentication(authentication.SessionAuthentication):
    """The session cookie; unsafe methods need the CSRF token. Without a session the answer is 401, as for all."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise PermissionDenied where the token or the origin is wrong."""
        check: Any = ApiCheck(lambda _: HttpResponse())
        check.process_request(request)
        reason = check.process_view(request, None, (), {})
        if reason:
            raise PermissionDenied(f"CSRF: {reason}")
