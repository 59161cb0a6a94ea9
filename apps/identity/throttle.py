"""Slows down password guessing: failures are counted by name and address, and by address alone."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import Throttled

from apps.conf import proxies

log = logging.getLogger(__name__)
WINDOW = 60  # seconds
PER_NAME = 20  # failures for one name from one address within the window
PER_ADDRESS = 200  # failures from one address, whatever the names


def address_of(request: Any) -> str:
    """The client's address."""
    return proxies.client_address(request)


def keys(username: str, address: str) -> dict[str, int]:
    """The counters of one attempt, with their limits."""
    name = hashlib.sha256(username.encode()).hexdigest()[:32]
    return {
        f"login.{name}.{address}": getattr(settings, "LOGIN_FAILURES_PER_NAME", PER_NAME),
        f"login.{address}": getattr(settings, "LOGIN_FAILURES_PER_ADDRESS", PER_ADDRESS),
    }


def check(username: str, address: str) -> None:
    """Raise Throttled (429) where there were too many failures a moment ago."""
    limits = keys(username, address)
    for key, count in counts(list(limits)).items():
        if count >= limits[key]:
            raise Throttled(wait=WINDOW, detail="Too many failed logins; wait a minute.")


def counts(names: list[str]) -> dict[str, int]:
    """The counters; none where the cache cannot be asked, since that must not lock everybody out."""
    try:
        return cache.get_many(names)
    except Exception:
        log.warning("the shared cache does not answer; failed logins are not counted", exc_info=True)
        return {}


def failed(username: str, address: str) -> None:
    """Count a failure."""
    try:
        for key in keys(username, address):
            count(key)
    except Exception:
        log.warning("the shared cache does not answer; failed logins are not counted", exc_info=True)


def begun(address: str) -> None:
    """Count one sign-on that leaves for a service; raise Throttled where there were too many a moment ago."""
    key, limit = f"sign-on.{address}", getattr(settings, "LOGIN_FAILURES_PER_ADDRESS", PER_ADDRESS)
    if counts([key]).get(key, 0) >= limit:
        raise Throttled(wait=WINDOW, detail="Too many sign-ons began; wait a minute.")
    try:
        count(key)
    except Exception:
        log.warning("the shared cache does not answer; sign-ons are not counted", exc_info=True)


def count(key: str) -> None:
    """One more; a counter always has an end, even where its minute was over between two of these calls."""
    if cache.add(key, 1, timeout=WINDOW):
        return
    try:
        if cache.incr(key) == 1:
            cache.touch(key, WINDOW)
    except ValueError:
        cache.add(key, 1, timeout=WINDOW)
