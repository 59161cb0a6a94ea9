"""A database of its own with as many rows as asked for, made by set statements; and how to get rid of it.

with scratch() as name: …    # the database of DATABASE_URL names the server; `name` is migrated and empty
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")

TEMPLATES = 200


@contextmanager
def scratch(name: str, *, keep: bool = False) -> Iterator[None]:
    """Work in a fresh database beside that of DATABASE_URL, or in the one that an earlier run kept."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    os.environ.setdefault("AWX_LITE_ADMIN_PASSWORD", "benchmark")
    usual = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        there = cursor.fetchone() is not None
        if not there:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        if not there:
            call_command("migrate", verbosity=0)
            call_command("preload", verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def insert(model: Any, source: str, **expressions: str) -> int:
    """INSERT … SELECT into one table: columns that no expression names get the model's defaults."""
    from django.db import connection

    columns, values = [], []
    with connection.cursor() as cursor:
        for field in model._meta.local_concrete_fields:
            if field.column in expressions:
                value = expressions[field.column]
            elif field.name in ("created", "modified"):
                value = "now()"
            elif field.primary_key:
                continue
            else:
                default = field.get_db_prep_save(field.get_default(), connection)
                value = cursor.cursor.mogrify("%s", [default]).decode()
            columns.append(f'"{field.column}"')
            values.append(value)
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} {source}")
        return int(cursor.rowcount)


def world(inventories: int = 20) -> dict[str, Any]:
    """An organization with a project, inventories and job templates."""
    from apps.identity.models import Organization
    from apps.inventory.models import Inventory
    from apps.jobs.models import JobTemplate
    from apps.projects.models import Project

    organization = Organization.objects.create(name="Benchmark")
    project = Project.objects.create(name="p", organization=organization, scm_type="")
    farms = [Inventory.objects.create(name=f"i{n}", organization=organization) for n in range(inventories)]
    templates = [
        JobTemplate.objects.create(
            name=f"t{n}", organization=organization, project=project, inventory=farms[n % inventories], playbook="x.yml"
        )
        for n in range(TEMPLATES)
    ]
    return {"organization": organization, "project": project, "inventories": farms, "templates": templates}


def jobs(made: dict[str, Any], number: int, *, days: int, first_day: int = 0) -> None:
    """Finished jobs, spread evenly over `days` days of which the youngest is `first_day` days ago."""
    from django.contrib.contenttypes.models import ContentType

    from apps.jobs.models import Job
    from apps.unified.models import UnifiedJob

    templates, first = made["templates"], made["templates"][0].pk
    width = days * 86400 / number
    moment = f"now() - interval '{first_day} days' - (n * {width}) * interval '1 second'"
    kind = ContentType.objects.get_for_model(Job).pk
    template = f"{first} + n % {len(templates)}"
    insert(
        UnifiedJob, f"FROM generate_series(1, {number}) n", id="1000000 + n", name="'job ' || (n % 200)",
        created=moment, modified=moment, started=moment, finished=f"{moment} + interval '20 seconds'",
        status="(ARRAY['successful','successful','successful','failed'])[1 + n % 4]", elapsed="20",
        failed="n % 4 = 3", polymorphic_ctype_id=str(kind), unified_job_template_id=template, launch_type="'manual'",
        organization_id=str(made["organization"].pk), emitted_events="10", event_processing_finished="true",
        announced="true", dependencies_processed="true", execution_node="'node' || n % 3",
    )  # fmt: skip
    insert(
        Job, f"FROM generate_series(1, {number}) n", unifiedjob_ptr_id="1000000 + n", job_template_id=template,
        inventory_id=f"(ARRAY{[farm.pk for farm in made['inventories']]})[1 + n % {len(made['inventories'])}]",
        project_id=str(made["project"].pk), playbook="'x.yml'",
    )  # fmt: skip


def events(per_job: int) -> None:
    """So many events of each job, in the partitions of their days, and a summary of one host."""
    from django.db import connection

    from apps.jobs.models import JobHostSummary
    from apps.unified.events import tables
    from apps.unified.models import JobEvent

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT (created AT TIME ZONE 'UTC')::date FROM unified_unifiedjob ORDER BY 1")
        days = [day for (day,) in cursor.fetchall()]
    for day in days:
        tables.ensure(JobEvent, day)
    insert(
        JobEvent, f"FROM unified_unifiedjob j, generate_series(1, {per_job}) e WHERE j.id > 1000000",
        id="nextval('unified_jobevent_id_seq')", job_id="j.id", job_created="j.created", counter="e",
        event="'runner_on_ok'", stdout="'ok: [host-' || e || ']'", event_data="""'{"task": "x"}'""",
        created="j.created", modified="j.created",
    )  # fmt: skip
    insert(
        JobHostSummary, "FROM unified_unifiedjob j WHERE j.id > 1000000", job_id="j.id", host_name="'host-1'", ok="10",
    )  # fmt: skip


def hosts(made: dict[str, Any], number: int) -> None:
    """Hosts, spread over the inventories."""
    from apps.inventory.models import Host

    farms = [farm.pk for farm in made["inventories"]]
    insert(
        Host, f"FROM generate_series(1, {number}) n", id="1000000 + n", name="'host-' || n",
        inventory_id=f"(ARRAY{farms})[1 + n % {len(farms)}]", variables="'a: ' || n",
    )  # fmt: skip


def analyze() -> None:
    """What autovacuum would do in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long a block took."""
    began = time.monotonic()
    yield
    print(f"{name:<66} {time.monotonic() - began:9.2f} s", flush=True)
