"""What the installation knows of itself: its id and its addresses."""

from __future__ import annotations

import uuid
from collections.abc import Callable


def install_uuid() -> str:
    """INSTALL_UUID: made when it is first asked for, the same ever after."""
    from . import live
    from .models import Setting

    known = live.changed().get("INSTALL_UUID")
    if known is None:
        fresh = Setting.written(str(uuid.uuid4()), secret=False)
        Setting.objects.bulk_create([Setting(key="INSTALL_UUID", value=fresh)], ignore_conflicts=True)
        live.announce(frozenset({"INSTALL_UUID"}))
        known = live.changed()["INSTALL_UUID"]
    return str(known)


def callback(path: str) -> Callable[[], str]:
    """The address to which a sign-on service sends people back."""

    def address() -> str:
        from . import live

        return f"{str(live.get('TOWER_URL_BASE')).rstrip('/')}/sso/{path}/"

    return address
