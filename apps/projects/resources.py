"""projects and project_updates."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.response import Response

from apps.core import registry
from apps.core.audit import audited
from apps.core.errors import Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.identity.models import Team
from apps.identity.sublists import ROLES
from apps.rbac.models import RoleTeamAssignment
from apps.unified.event_serializers import EventResource
from apps.unified.events.rows import of_job
from apps.unified.followers.views import JobLiveView
from apps.unified.models import ACTIVE, ProjectUpdateEvent
from apps.unified.resources import UPDATE_NAMES, JobResource
from apps.unified.schedules.sublists import SCHEDULES
from apps.unified.services import active_jobs
from apps.unified.stdout import StdoutView
from apps.unified.verbs import CancelView

from .access import ProjectAccess
from .models import Project, ProjectUpdate
from .serializers import (
    ProjectSerializer,
    ProjectUpdateEventSerializer,
    ProjectUpdateListSerializer,
    ProjectUpdateSerializer,
)
from .services import checkouts, updates
from .verbs import InventoriesView, PlaybooksView, UpdateView

EVENTS = ("started", "success", "error")


def teams_of(project: Project, user: Any) -> Any:
    """Teams that hold a role on the project."""
    held = RoleTeamAssignment.objects.filter(
        content_type__app_label="projects", content_type__model="project", object_id=project.pk
    )
    return Team.objects.filter(pk__in=held.values("team_id"))


def events_of(update: ProjectUpdate, user: Any) -> Any:
    """The events of an update, from the partition of its day."""
    return of_job(update)


@register("projects")
class Projects(Resource):
    """Playbooks under version control, or in a directory of the server."""

    model = Project
    serializer_class = ProjectSerializer
    access = ProjectAccess
    joins = ("organization",)
    named_by = (("name",), ("organization__name",))
    summary = ("id", "name", "description", "status", "scm_type", "allow_override")
    unfilterable = ("last_update_failed", "last_updated")
    filter_aliases = UPDATE_NAMES
    filterable = ("playbook_files",)
    copies = ("labels",)
    copy_resets = ("local_path", "scm_revision", "status", "last_job", "current_job", "last_job_run", "last_job_failed",
                   "next_job_run", "next_schedule", "playbook_files", "inventory_files")  # fmt: skip
    sublists = (
        Sub("teams", slug="teams", rows=teams_of),
        Sub("scm_inventory_sources"),
        Sub("project_updates"),
        SCHEDULES,
        audited(),
        *(Sub(f"notification_templates_{event}", attach=True, create=True) for event in EVENTS),
        *ROLES,
    )
    verbs = (
        Verb("playbooks", PlaybooksView),
        Verb("inventories", InventoriesView),
        Verb("update", UpdateView),
    )

    def perform_create(self, serializer: Any, **extra: Any) -> Project:
        """A project under version control is updated at once."""
        project = Resource.perform_create(self, serializer, **extra)
        if project.scm_type:
            updates.start(project)
            project.refresh_from_db()
        else:
            settle_manual(project)
        return project

    def perform_update(self, serializer: Any) -> Project:
        """So is one whose source has changed."""
        before = {name: getattr(serializer.instance, name) for name in updates.SOURCE}
        project = super().perform_update(serializer)
        if project.scm_type and any(getattr(project, name) != value for name, value in before.items()):
            updates.start(project)
            project.refresh_from_db()
        elif not project.scm_type:
            settle_manual(project)
        return project

    def perform_destroy(self, obj: Project) -> Response | None:
        """Not while something of it runs; what is on disk goes with it."""
        running = list(active_jobs([obj.pk]).get_real_instances()) + running_jobs(obj)
        if running:
            jobs = [{"id": job.pk, "type": self.type_name(type(job))} for job in running]
            raise Conflict({"error": "The project is in use by running jobs.", "active_jobs": jobs})
        pk, path = obj.pk, obj.local_path
        registry.by_slug("job_templates").model.objects.filter(project=obj).update(playbook="")
        obj.delete()
        transaction.on_commit(lambda: checkouts.remove(pk, path))
        return None

    @staticmethod
    def after_copy(obj: Project, twin: Project, user: Any) -> None:
        """A copy fetches its own content."""
        if twin.scm_type:
            updates.start(twin)


def running_jobs(project: Project) -> list[Any]:
    """Jobs that use the project's playbooks right now."""
    model = registry.by_slug("jobs").model
    return list(model.objects.filter(project=project, status__in=ACTIVE))


def settle_manual(project: Project) -> None:
    """The status of a manual project: whether its directory is there."""
    place = project.directory() if project.local_path else None
    project.status = "ok" if place is not None and place.is_dir() else "missing"
    Project.objects.filter(pk=project.pk).update(status=project.status)


@register("project_updates")
class ProjectUpdates(JobResource):
    """Runs of projects' updates."""

    model = ProjectUpdate
    serializer_class = ProjectUpdateSerializer
    list_serializer_class = ProjectUpdateListSerializer
    joins = ("project",)
    summary = ("id", "name", "description", "status", "failed")
    sublists = (
        Sub("events", slug="project_update_events", rows=events_of, visible_all=True, order_by=("counter",)),
        Sub("notifications", visible_all=True),
        Sub("scm_inventory_updates"),
    )
    verbs = (Verb("cancel", CancelView), Verb("stdout", StdoutView), Verb("live", JobLiveView))
    unlinked = ("live",)  # a client that goes through all links would wait there


@register("project_update_events")
class ProjectUpdateEvents(EventResource):
    """What an update said."""

    model = ProjectUpdateEvent
    serializer_class = ProjectUpdateEventSerializer
    root = "-"

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """Texts that are worked out."""
        return {"event_display": "string", "host_name": "field"}.get(name)
