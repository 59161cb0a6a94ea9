"""The partitioned tables of events: made after every migration, a partition a day, made ahead and on demand.

A partition is attached, not created in place: that takes no lock against which storing or reading would wait.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

DAYS_AHEAD = 2
LOCK = 0x61777870  # advisory lock: one process at a time changes the partitions
_known: set[tuple[str, date]] = set()


def families() -> tuple[Any, ...]:
    """The event models."""
    from apps.unified.events_models import FAMILIES

    return FAMILIES


def after_migrate(**_kwargs: Any) -> None:
    """Make the tables that are missing and the partitions of the next days."""
    _known.clear()
    for model in families():
        make_table(model)
    make_ahead()


def columns(model: Any) -> list[str]:
    """The columns as SQL, from the model's fields."""
    out = []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            default = f"DEFAULT nextval('{model._meta.db_table}_id_seq')"
            out.append(f"id bigint NOT NULL {default}")
        else:
            null = "NULL" if field.null else "NOT NULL"
            out.append(f"{field.column} {column_type(field)} {null}")
    return out


def column_type(field: Any) -> str:
    """The column's type; keys to other tables are all bigint."""
    return "bigint" if field.is_relation else field.db_type(connection)


def make_table(model: Any) -> None:
    """The partitioned table of a family and its indexes."""
    table, job = model._meta.db_table, model._meta.get_field(model.family).column
    statements = [
        f"CREATE SEQUENCE IF NOT EXISTS {table}_id_seq AS bigint CACHE 1",
        f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns(model))}, PRIMARY KEY (id, job_created))"
        " PARTITION BY RANGE (job_created)",
        # No event is stored twice, whatever happens to the process that stores it.
        f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_once ON {table} ({job}, counter, job_created)",
    ]
    names = {field.name for field in model._meta.concrete_fields}
    if "parent_uuid" in names:
        statements.append(f"CREATE INDEX IF NOT EXISTS {table}_parent ON {table} ({job}, parent_uuid)")
    if "host" in names:
        statements.append(f"CREATE INDEX IF NOT EXISTS {table}_host ON {table} (host_id, id) WHERE host_id IS NOT NULL")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for statement in statements:
            cursor.execute(statement)


def day_of(moment: datetime) -> date:
    """The day, in UTC, whose partition holds the events of a job that was created at this moment."""
    return moment.astimezone(UTC).date()


def make_ahead(days: int = DAYS_AHEAD) -> None:
    """Partitions from yesterday on until some days from now, in every family."""
    today = datetime.now(UTC).date()
    for model in families():
        for offset in range(-1, days + 1):
            ensure(model, today + timedelta(days=offset))


def partition(model: Any, day: date) -> str:
    """The partition's name."""
    return f"{model._meta.db_table}_{day:%Y%m%d}"


def ensure(model: Any, day: date) -> None:
    """Make the partition of a day unless it is there; call it outside the transaction that stores."""
    if (model._meta.db_table, day) in _known:
        return
    table, name = model._meta.db_table, partition(model, day)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
                bounds = f"FOR VALUES FROM ('{day} 00:00+00') TO ('{day + timedelta(days=1)} 00:00+00')"
                cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} {bounds}")
    if not connection.in_atomic_block:
        _known.add((table, day))


def days(model: Any) -> list[date]:
    """The days that have a partition, oldest first."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass ORDER BY 1",
            [table],
        )
        names = [row[0] for row in cursor.fetchall()]
    return [datetime.strptime(name.rsplit("_", 1)[1], "%Y%m%d").replace(tzinfo=UTC).date() for name in names]


def drop(model: Any, day: date) -> None:
    """Drop the partition of a day with all its events; cleanup does so once no job of that day is left."""
    _known.discard((model._meta.db_table, day))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f"DROP TABLE IF EXISTS {partition(model, day)}")
