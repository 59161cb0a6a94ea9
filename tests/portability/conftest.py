"""A stopped AWX in a database beside the one of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql
from psycopg2.extensions import make_dsn

from .awx import KEY, OldServer

NAME = "old_awx_of_the_tests"


def server(name: str) -> str:
    """The address of a database on the server of the tests."""
    given = connection.get_connection_params()
    known = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
    return make_dsn(**known, dbname=name)


def command(*statements: str) -> None:
    """Statements that no transaction may hold."""
    admin = psycopg2.connect(server("postgres"))
    admin.autocommit = True
    with admin.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(NAME)))
    admin.close()


@pytest.fixture
def old(db: None) -> Iterator[OldServer]:
    """An AWX without any rows but its content types."""
    command("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}")
    made = OldServer(server(NAME))
    yield made
    made.close()
    command("DROP DATABASE IF EXISTS {} WITH (FORCE)")


@pytest.fixture
def key_file(tmp_path):
    """AWX's SECRET_KEY, as its installation keeps it."""
    path = tmp_path / "SECRET_KEY"
    path.write_text(f"{KEY}\n")
    return path
