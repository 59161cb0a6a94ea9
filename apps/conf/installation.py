"""What the installation knows of itself: its id and its addresses."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings


def uuid_of(secret: str) -> str:
    """The id of the installation: derived from its secret key, so that no table has to hold it."""
    return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_OID, "awx_lite"), secret))


def install_uuid() -> str:
    """INSTALL_UUID."""
    return uuid_of(settings.SECRET_KEY)


def callback(path: str) -> Callable[[], str]:
    """The address to which a sign-on service sends people back."""

    def address() -> str:
        from . import live

        return f"{str(live.get('TOWER_URL_BASE')).rstrip('/')}/sso/{path}/"

    return address
