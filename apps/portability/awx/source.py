"""The database of a stopped AWX, read in one consistent, read-only transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import psycopg2.extras
from psycopg2 import sql

Row = dict[str, Any]
BATCH = 2000  # rows that are in memory at a time
NEEDED = ("main_organization", "main_unifiedjobtemplate", "main_credential", "auth_user", "django_content_type")


class SourceError(Exception):
    """The database cannot be read, or is not that of an AWX."""


class Source:
    """Rows of AWX's tables as dictionaries."""

    def __init__(self, address: str) -> None:
        try:
            self.connection = psycopg2.connect(address, connect_timeout=10)
        except psycopg2.Error as error:
            raise SourceError("The database of AWX cannot be reached; check the address and the password.") from error
        self.connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        self.columns: dict[str, set[str]] = {}
        for table, column in self.query(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ):
            self.columns.setdefault(table, set()).add(column)
        missing = [table for table in NEEDED if table not in self.columns]
        if missing:
            raise SourceError(f"This is not the database of an AWX: it has no table {missing[0]}.")
        self.types = dict(self.query("SELECT id, model FROM django_content_type"))

    def close(self) -> None:
        """End the transaction."""
        self.connection.close()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def has(self, table: str) -> bool:
        """Whether this AWX has the table."""
        return table in self.columns

    def count(self, table: str) -> int:
        """How many rows it has; none where there is no such table."""
        if not self.has(table):
            return 0
        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            return cursor.fetchone()[0]

    def highest(self, table: str) -> int:
        """The greatest id."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table)))
            return cursor.fetchone()[0]

    def rows(self, table: str, *, parent: str = "", order: str = "id") -> Iterator[Row]:
        """The rows in order, some at a time; with `parent`, joined with the row that they extend."""
        if not self.has(table):
            return
        join = sql.SQL("")
        if parent:
            join = sql.SQL("JOIN {parent} ON {parent}.id = {table}.unifiedjobtemplate_ptr_id").format(
                parent=sql.Identifier(parent), table=sql.Identifier(table)
            )
        statement = sql.SQL("SELECT * FROM {} {} ORDER BY {}").format(
            sql.Identifier(table), join, sql.SQL(", ").join(sql.Identifier(name) for name in order.split(","))
        )
        name = f"rows_{table}"
        with self.connection.cursor(name, cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.itersize = BATCH
            cursor.execute(statement)
            for row in cursor:
                yield dict(row)
