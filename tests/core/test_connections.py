"""Connections over a network are asked whether their client still lives; those over a unix socket need no asking."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest

from apps.core.connections import KEEPALIVES, watch_client


@pytest.mark.parametrize(("host", "asked"), [("db.example", True), ("10.0.0.1", True), ("/run/pg", False), ("", False)])
def test_only_connections_over_a_network_are_asked(host: str, asked: bool) -> None:
    connection: Any = MagicMock(vendor="postgresql", settings_dict={"HOST": host})
    watch_client(None, connection)
    executed = connection.cursor.return_value.__enter__.return_value.execute
    assert [call.args for call in executed.call_args_list] == ([(KEEPALIVES,)] if asked else [])


def test_the_server_takes_the_statement(db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(KEEPALIVES)
        cursor.execute("SHOW tcp_keepalives_count")
        assert cursor.fetchone() is not None
