"""Project updates: started by people, by changes of the source, and by jobs that need fresh content."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.projects.models import Project, ProjectUpdate
from apps.unified.models import ACTIVE
from apps.unified.services import create_job, submit

from . import checkouts

# columns whose change means other content, or content to be looked at anew
SOURCE = ("scm_type", "scm_url", "scm_branch", "scm_refspec", "signature_validation_credential_id")


def start(project: Project, *, launch_type: str = "manual", **columns: Any) -> ProjectUpdate:
    """A submitted update; `job_type` is `check` for the project itself and `run` for one job's content."""
    with transaction.atomic():
        return submit(new(project, launch_type=launch_type, **columns))


def new(project: Project, *, launch_type: str = "manual", **columns: Any) -> ProjectUpdate:
    """A `new` update, to be submitted by the caller (or by the dispatcher, as a dependency)."""
    columns.setdefault("job_type", "check")
    return create_job(project, launch_type=launch_type, **columns)


def is_stale(project: Project) -> bool:
    """Whether a launch needs a fresh update: asked for, and the last good one is older than the cache timeout."""
    if not (project.scm_type and project.scm_update_on_launch):
        return False
    last = ProjectUpdate.objects.filter(project=project, job_type="check", status="successful").order_by("-id").first()
    if last is None or last.finished is None or project.last_job_failed:
        return True
    return timezone.now() >= last.finished + timedelta(seconds=project.scm_update_cache_timeout)


def for_launch(project: Project) -> ProjectUpdate | None:
    """The update that a job must wait for: one that is on its way already, a new one, or none.

    A revision that nobody has fetched yet (that of the demo project, of a project that was imported) is fetched for the
    job alone.
    """
    if not project.scm_type:
        return None
    active = ProjectUpdate.objects.filter(project=project, job_type="check", status__in=ACTIVE).order_by("-id").first()
    if active is not None:
        return active
    if is_stale(project):
        return new(project, launch_type="dependency")
    if is_unfetched(project):
        return new(project, launch_type="sync", job_type="run", scm_revision=project.scm_revision)
    return None


def is_unfetched(project: Project) -> bool:
    """Whether the project has a revision that no host holds: it is not here, and no update brought it."""
    revision = project.scm_revision
    if not revision or checkouts.place(project.pk, revision).is_dir():
        return False
    return not ProjectUpdate.objects.filter(project=project, scm_revision=revision, status="successful").exists()


def for_branch(project: Project, branch: str) -> ProjectUpdate | None:
    """The update that fetches another branch for one job; None where the job uses the project's own."""
    if not project.scm_type or not branch or branch == project.scm_branch:
        return None
    return new(project, launch_type="sync", job_type="run", scm_branch=branch)
