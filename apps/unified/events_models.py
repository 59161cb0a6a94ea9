"""Events of jobs, one table a family, partitioned by the day of the job's creation (tables: apps.unified.events)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Event(models.Model):
    """What every event has. Rows come by COPY; nothing here is written by the ORM."""

    family: ClassVar[str]  # the foreign key to the job

    id = models.BigAutoField(primary_key=True)
    created = models.DateTimeField(editable=False)
    modified = models.DateTimeField(editable=False)
    event = models.CharField(max_length=100)
    event_data = models.JSONField(default=dict, blank=True)
    uuid = models.CharField(max_length=1024, default="", editable=False)
    counter = models.PositiveIntegerField(default=0, editable=False)
    stdout = models.TextField(default="", editable=False)
    verbosity = models.PositiveIntegerField(default=0, editable=False)
    start_line = models.PositiveIntegerField(default=0, editable=False)
    end_line = models.PositiveIntegerField(default=0, editable=False)
    job_created = models.DateTimeField(editable=False)
    task: str

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.event} {self.counter}"

    @property
    def event_display(self) -> str:
        """The event in words for people."""
        words = DISPLAY.get(self.event) or self.event.replace("_", " ").title()
        name = self.event_data.get("name") if self.event_data else None
        if self.event == "playbook_on_play_start" and name:
            return f"{words} ({name})"
        return f"{words} ({self.task})" if self.event == "playbook_on_task_start" and self.task else words


DISPLAY = {
    "runner_on_failed": "Host Failed",
    "runner_on_start": "Host Started",
    "runner_on_ok": "Host OK",
    "runner_on_error": "Host Failure",
    "runner_on_skipped": "Host Skipped",
    "runner_on_unreachable": "Host Unreachable",
    "runner_on_no_hosts": "No Hosts Remaining",
    "runner_on_async_poll": "Host Polling",
    "runner_on_async_ok": "Host Async OK",
    "runner_on_async_failed": "Host Async Failure",
    "runner_item_on_ok": "Item OK",
    "runner_item_on_failed": "Item Failed",
    "runner_item_on_skipped": "Item Skipped",
    "runner_retry": "Host Retry",
    "runner_on_file_diff": "File Difference",
    "playbook_on_start": "Playbook Started",
    "playbook_on_notify": "Running Handlers",
    "playbook_on_include": "Including File",
    "playbook_on_no_hosts_matched": "No Hosts Matched",
    "playbook_on_no_hosts_remaining": "No Hosts Remaining",
    "playbook_on_task_start": "Task Started",
    "playbook_on_vars_prompt": "Variables Prompted",
    "playbook_on_setup": "Gathering Facts",
    "playbook_on_import_for_host": "internal: on Import for Host",
    "playbook_on_not_import_for_host": "internal: on Not Import for Host",
    "playbook_on_play_start": "Play Started",
    "playbook_on_stats": "Playbook Complete",
    "debug": "Debug",
    "verbose": "Verbose",
    "deprecated": "Deprecated",
    "warning": "Warning",
    "system_warning": "System Warning",
    "error": "Error",
}


class PlaybookEvent(Event):
    """Events of ansible: they know their host, play and task."""

    failed = models.BooleanField(default=False, editable=False)
    changed = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


LEVELS: dict[str, int] = {
    "playbook_on_start": 0,
    "playbook_on_notify": 2,
    "playbook_on_include": 2,
    "playbook_on_no_hosts_matched": 2,
    "playbook_on_no_hosts_remaining": 2,
    "playbook_on_vars_prompt": 1,
    "playbook_on_play_start": 1,
    "playbook_on_task_start": 2,
    "playbook_on_stats": 1,
    "playbook_on_setup": 2,
    "playbook_on_import_for_host": 2,
    "playbook_on_not_import_for_host": 2,
    "debug": 0,
    "verbose": 0,
    "deprecated": 0,
    "warning": 0,
    "system_warning": 0,
    "error": 0,
}


class Leveled:
    """Where an event hangs in the tree of playbook, play, task and host."""

    event: str

    @property
    def event_level(self) -> int:
        """0 playbook, 1 play, 2 task, 3 host; derived, so that the table need not hold it."""
        return 3 if self.event.startswith("runner_") else LEVELS.get(self.event, 0)


class JobEvent(Leveled, PlaybookEvent):
    """An event of a job."""

    family = "job"

    job = models.ForeignKey(
        "jobs.Job", models.DO_NOTHING, db_constraint=False, related_name="job_events", editable=False
    )
    host = models.ForeignKey(
        "inventory.Host",
        models.DO_NOTHING,
        null=True,
        default=None,
        db_constraint=False,
        related_name="job_events_as_primary_host",
        editable=False,
    )
    host_name = models.CharField(max_length=1024, default="", editable=False)
    parent_uuid = models.CharField(max_length=1024, default="", editable=False)
    playbook = models.CharField(max_length=1024, default="", editable=False)
    play = models.CharField(max_length=1024, default="", editable=False)
    role = models.CharField(max_length=1024, default="", editable=False)
    task = models.CharField(max_length=1024, default="", editable=False)

    class Meta:
        managed = False
        db_table = "unified_jobevent"
        ordering = ("pk",)


class ProjectUpdateEvent(Leveled, PlaybookEvent):
    """An event of a project update."""

    family = "project_update"

    project_update = models.ForeignKey(
        "projects.ProjectUpdate",
        models.DO_NOTHING,
        db_constraint=False,
        related_name="project_update_events",
        editable=False,
    )
    host_name = models.CharField(max_length=1024, default="", editable=False)
    parent_uuid = models.CharField(max_length=1024, default="", editable=False)
    playbook = models.CharField(max_length=1024, default="", editable=False)
    play = models.CharField(max_length=1024, default="", editable=False)
    role = models.CharField(max_length=1024, default="", editable=False)
    task = models.CharField(max_length=1024, default="", editable=False)

    class Meta:
        managed = False
        db_table = "unified_projectupdateevent"
        ordering = ("pk",)


class AdHocCommandEvent(PlaybookEvent):
    """An event of an ad hoc command."""

    family = "ad_hoc_command"

    ad_hoc_command = models.ForeignKey(
        "jobs.AdHocCommand",
        models.DO_NOTHING,
        db_constraint=False,
        related_name="ad_hoc_command_events",
        editable=False,
    )
    host = models.ForeignKey(
        "inventory.Host",
        models.DO_NOTHING,
        null=True,
        default=None,
        db_constraint=False,
        related_name="ad_hoc_command_events",
        editable=False,
    )
    host_name = models.CharField(max_length=1024, default="", editable=False)

    class Meta:
        managed = False
        db_table = "unified_adhoccommandevent"
        ordering = ("pk",)


class PrintedEvent(Event):
    """A line that a script printed: nothing in it fails or changes a host."""

    task = ""
    failed = False
    changed = False

    class Meta:
        abstract = True


class InventoryUpdateEvent(PrintedEvent):
    """A line that an inventory update printed."""

    family = "inventory_update"

    inventory_update = models.ForeignKey(
        "inventory.InventoryUpdate",
        models.DO_NOTHING,
        db_constraint=False,
        related_name="inventory_update_events",
        editable=False,
    )

    class Meta:
        managed = False
        db_table = "unified_inventoryupdateevent"
        ordering = ("pk",)


class SystemJobEvent(PrintedEvent):
    """A line that a cleaning printed."""

    family = "system_job"

    system_job = models.ForeignKey(
        "system.SystemJob",
        models.DO_NOTHING,
        db_constraint=False,
        related_name="system_job_events",
        editable=False,
    )

    class Meta:
        managed = False
        db_table = "unified_systemjobevent"
        ordering = ("pk",)


FAMILIES: tuple[Any, ...] = (JobEvent, ProjectUpdateEvent, AdHocCommandEvent, InventoryUpdateEvent, SystemJobEvent)
