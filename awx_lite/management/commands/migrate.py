"""`manage.py migrate`, which is quick where there is nothing to migrate from."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections

from awx_lite.schema import create_all, is_empty, plan_of

# Each of these asks for something else than "everything, now".
SPECIAL = ("app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    """Django's command, with a short way for an empty database."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Create everything at once on an empty database; otherwise what Django does."""
        connection = connections[options["database"]]
        connection.prepare_database()
        if any(options.get(name) for name in SPECIAL) or options.get("step_by_step") or not is_empty(connection):
            super().handle(*args, **options)
            return
        told = {"verbosity": options["verbosity"], "interactive": options["interactive"], "db": connection.alias}
        emit_pre_migrate_signal(**told, stdout=self.stdout)
        applied = create_all(connection)
        emit_post_migrate_signal(**told, stdout=self.stdout, plan=plan_of(applied))
        if options["verbosity"]:
            self.stdout.write(f"Created all tables: {len(applied)} migrations count as applied.")

    def add_arguments(self, parser: Any) -> None:
        """The option that the comparison of both ways needs."""
        super().add_arguments(parser)
        parser.add_argument(
            "--step-by-step", action="store_true", help="Run every migration, also on an empty database."
        )
