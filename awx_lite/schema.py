"""An empty database gets its final tables at once, instead of one after the other change of every migration.

Django renders the whole state of all models anew for each operation, which makes the first `migrate` take half a minute
here. On an empty database the result is the same when each table is created in its last form, and only what is no
change of a model (SQL, Python, extensions) is run from the migrations, in their order: tests/boot/test_schema.py
compares both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.operations import CreateExtension
from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation, ModelOperation, ModelOptionOperation
from django.db.migrations.state import ProjectState

ABOUT_MODELS = (ModelOperation, ModelOptionOperation, IndexOperation, FieldOperation)


def create_all(connection: BaseDatabaseWrapper) -> list[Migration]:
    """Bring an empty database to the last migration of every app; returns the migrations that count as applied."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    plan = [migration for migration, _backwards in executor.migration_plan(leaves)]
    state = executor.loader.project_state(leaves)
    others = [(migration, operation) for migration in plan for operation in not_about_models(migration.operations)]
    for migration, operation in others:
        if isinstance(operation, CreateExtension):
            run(connection, migration, operation, state)
    create_tables(connection, state)
    for migration, operation in others:
        if not isinstance(operation, CreateExtension):
            run(connection, migration, operation, state)
    executor.recorder.ensure_schema()
    executor.recorder.migration_qs.bulk_create(
        executor.recorder.Migration(app=migration.app_label, name=migration.name) for migration in plan
    )
    return plan


def not_about_models(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations that the final models do not contain."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from not_about_models(operation.database_operations)
        elif not isinstance(operation, ABOUT_MODELS):
            yield operation


def create_tables(connection: BaseDatabaseWrapper, state: ProjectState) -> None:
    """All tables, then (when the editor closes) their foreign keys and indexes."""
    with connection.schema_editor() as editor:
        for model in state.apps.get_models():
            if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
                editor.create_model(model)


def run(connection: BaseDatabaseWrapper, migration: Migration, operation: Operation, state: ProjectState) -> None:
    """One operation of a migration."""
    with connection.schema_editor(atomic=migration.atomic) as editor:
        operation.database_forwards(migration.app_label, editor, state, state)


def is_empty(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database has no table at all."""
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def plan_of(migrations: list[Migration]) -> list[tuple[Any, bool]]:
    """The migrations as the signals of `migrate` carry them."""
    return [(migration, False) for migration in migrations]
