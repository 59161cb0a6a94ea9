"""The database lets go of clients that the network has cut off: their locks would stay for hours."""

from __future__ import annotations

from typing import Any

from django.db.backends.signals import connection_created

KEEPALIVES = "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"


def watch_client(sender: Any, connection: Any, **_more: Any) -> None:
    """Have the server ask a client that says nothing whether it is still there; unix sockets need no asking."""
    host = connection.settings_dict.get("HOST") or "/"
    if connection.vendor == "postgresql" and not host.startswith("/"):
        with connection.cursor() as cursor:
            cursor.execute(KEEPALIVES)


def connect() -> None:
    """Do so for every connection of this process."""
    connection_created.connect(watch_client, dispatch_uid="core.connections")
