"""`manage.py check_db`: whether the database answers, fits this version, and is well."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

FACTS = """
SELECT current_database(), pg_size_pretty(pg_database_size(current_database())),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
       current_setting('max_connections')::int,
       coalesce((SELECT round(extract(epoch FROM now() - min(xact_start))) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()), 0)
"""
INVALID = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i' ORDER BY 1
"""
LARGEST = """
SELECT coalesce(p.relname, c.relname), pg_size_pretty(sum(pg_total_relation_size(c.oid))),
       sum(greatest(c.reltuples, 0))::bigint
FROM pg_class c LEFT JOIN pg_inherits h ON h.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = h.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY 1 ORDER BY sum(pg_total_relation_size(c.oid)) DESC LIMIT 8
"""
OLDEST, NEWEST_TESTED = 13, 18  # major versions of PostgreSQL


class Command(BaseCommand):
    """Exits with 1 where something is wrong, so that scripts can ask."""

    help = (
        "Connect to the database and tell its version, size and largest tables. Exits with 1 where it does not "
        "answer, where migrations are missing, or where an index is broken."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """The facts, then what is wrong."""
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {str(error).strip()}") from error
        self.describe()
        wrong = [*self.version(), *self.migrations(), *self.indexes()]
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("All is well.")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def describe(self) -> None:
        """Name, size, connections, tables."""
        name, size, used, most, oldest = self.rows(FACTS)[0]
        major, minor = divmod(connection.cursor().connection.server_version, 10_000)
        self.stdout.write(f"Database Version: PostgreSQL {major}.{minor}")
        self.stdout.write(f"database     {name}, {size}")
        self.stdout.write(f"connections  {used} of {most}; the oldest transaction began {oldest} s ago")
        for table, bulk, number in self.rows(LARGEST):
            self.stdout.write(f"table        {table}: {bulk}, about {number:,} rows")

    def version(self) -> list[str]:
        """Too old a server; a newer one than was tested is only said."""
        major = connection.cursor().connection.server_version // 10_000
        if major > NEWEST_TESTED:
            self.stdout.write(f"PostgreSQL {major} is newer than what was tested ({NEWEST_TESTED}).")
        return [f"PostgreSQL {major} is too old: {OLDEST} is needed."] if major < OLDEST else []

    def migrations(self) -> list[str]:
        """What `manage.py migrate` would do."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
        return [f"Migrations are missing (run migrate): {missing}"] if plan else []

    def indexes(self) -> list[str]:
        """Indexes that an interrupted CREATE INDEX CONCURRENTLY left behind."""
        return [f"The index {name} is broken: REINDEX INDEX {name}" for (name,) in self.rows(INVALID)]
