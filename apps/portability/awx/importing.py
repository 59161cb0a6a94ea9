"""The whole import: one transaction here, one consistent reading there."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from apps.core import context
from apps.identity.models import Organization
from apps.inventory.models import Inventory
from apps.inventory.services import counters
from apps.projects.models import Project
from apps.projects.services import updates
from apps.unified.models import Schedule
from apps.unified.schedules.services import compute, settle_template

from . import accounts, hosts, links, rights, settings, tables, tokens
from .copying import Run
from .report import Report
from .source import Source

NEVER = (
    ("main_unifiedjob", "jobs and their output"),
    ("main_activitystream", "entries of the activity stream"),
    ("main_instance", "instances (this server and its workers are instances of their own)"),
)


def run(
    source: Source,
    secret_key: str,
    *,
    dry_run: bool = False,
    schedules: bool = True,
    say: Callable[[str], None] = lambda _text: None,
) -> Report:
    """Take everything or, where a key or a statement fails, nothing; a dry run takes nothing in any case."""
    this = Run(source, secret_key, Report())
    fresh: list[int] = []
    with context.acting_as(None), transaction.atomic():
        before = set(Project.objects.values_list("pk", flat=True))
        for table in tables.TABLES:
            say(table.name)
            table.run(this)
        accounts.copy(this)
        say("hosts and groups")
        hosts.copy(this)
        for link in links.LINKS:
            link.run(this)
        default_environments(this)
        say("rights, applications, tokens, settings")
        rights.copy(this)
        tokens.copy(this)
        settings.copy(this)
        plan(this, enabled=schedules)
        fresh = list(Project.objects.exclude(pk__in=before).exclude(scm_type="").values_list("pk", flat=True))
        for left, name in NEVER:
            if source.count(left):
                this.report.notes.append(f"Not taken: {source.count(left)} {name}.")
        if dry_run:
            transaction.set_rollback(True)
    if not dry_run:
        settle(fresh)
    return this.report


def default_environments(this: Run) -> None:
    """Organizations come before their execution environments, so this column is set afterwards."""
    for row in this.source.rows("main_organization"):
        environment = this.map("main_executionenvironment").of(row.get("default_environment_id"))
        if environment is not None:
            found = Organization.objects.filter(pk=this.map("main_organization").of(row["id"]))
            found.filter(default_environment=None).update(default_environment=environment)


def plan(this: Run, *, enabled: bool) -> None:
    """When schedules run next: counted from now, so that nothing that AWX missed is made up for."""
    for row in this.source.rows("main_schedule"):
        pk = this.map("main_schedule").of(row["id"])
        schedule = Schedule.objects.filter(pk=pk).first()
        if schedule is None:
            continue
        schedule.enabled = schedule.enabled and enabled
        try:
            compute(schedule)
        except ValueError as error:
            schedule.enabled, schedule.next_run = False, None
            this.report.notes.append(f"The schedule {schedule.name} is switched off, its rule cannot be read: {error}.")
        Schedule.objects.filter(pk=schedule.pk).update(
            **{name: getattr(schedule, name) for name in ("enabled", "rrule", "dtstart", "dtend", "next_run")}
        )
        settle_template(schedule.unified_job_template_id)


def settle(projects: list[int]) -> None:
    """What follows once all is there: counters of inventories, and the first update of each project."""
    counters.queue(Inventory.objects.values_list("pk", flat=True))
    for project in Project.objects.filter(pk__in=projects):
        updates.start(project)
