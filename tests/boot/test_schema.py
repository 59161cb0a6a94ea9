"""A database made at once is the same as one made by running every migration."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.management import call_command

CHECKOUT = Path(__file__).resolve().parents[2]

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, is_identity
    FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""
# Names of indexes and constraints may differ by a suffix that Django derives; what they say may not.
INDEXES = r"""
    SELECT tablename, regexp_replace(indexdef, 'INDEX \S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public'
"""
OBJECTS = """
    SELECT relkind::text, relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'extension', extname FROM pg_extension
"""
ROWS = """
    SELECT 'migration', app || '.' || name FROM django_migrations
    UNION ALL SELECT 'type', app_label || '.' || model FROM django_content_type
"""


@contextmanager
def database(name: str) -> Iterator[str]:
    """A further, empty database on the server of the tests; yields its URL."""
    server = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            try:
                yield urlsplit(server)._replace(path=f"/{name}").geturl()
            finally:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(url: str, *options: str) -> None:
    """Run the command in a process of its own."""
    argv = [sys.executable, "-W", "ignore", "manage.py", "migrate", "-v0", "--noinput", *options]
    done = subprocess.run(
        argv, cwd=CHECKOUT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def described(url: str) -> dict[str, list[Any]]:
    """What the database consists of."""
    out = {}
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for query in (COLUMNS, CONSTRAINTS, INDEXES, OBJECTS, ROWS):
            cursor.execute(query)
            out[query] = sorted(cursor.fetchall(), key=repr)
    return out


@pytest.mark.slow
@pytest.mark.usefixtures("backends")
def test_both_ways_lead_to_the_same_database() -> None:
    with database("awx_at_once") as quick, database("awx_step_by_step") as slow:
        migrate(quick)
        migrate(slow, "--step-by-step")
        made_quickly, made_slowly = described(quick), described(slow)
    for query, rows in made_slowly.items():
        assert made_quickly[query] == rows


@pytest.mark.django_db
def test_there_is_nothing_left_to_migrate() -> None:
    call_command("migrate", check_unapplied=True, verbosity=0, interactive=False)
