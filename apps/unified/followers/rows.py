"""What the process of live output reads from the database; called in threads of its pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections
from django.http import Http404
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from apps.core import registry
from apps.unified.events.rows import of_job
from apps.unified.models import UnifiedJob
from apps.unified.models.job import ACTIVE

BATCH = 500  # events in memory at a time, for each follower
COLUMNS = (
    "counter", "event", "stdout", "start_line", "end_line", "uuid", "failed", "changed", "created",
)  # fmt: skip
DETAILS = ("parent_uuid", "host_name", "play", "role", "task", "playbook")
# who may follow what: the group's name -> the resource whose detail one must be allowed to read
OBJECT_GROUPS = {
    "job_events": "jobs",
    "ad_hoc_command_events": "ad_hoc_commands",
    "project_update_events": "project_updates",
    "inventory_update_events": "inventory_updates",
    "system_job_events": "system_jobs",
    "workflow_events": "workflow_jobs",
}
# groups of messages about many objects -> (the key of the object's id, the resource it must be visible in)
FILTERED_GROUPS = {
    "jobs-status_changed": ("unified_job_id", "unified_jobs"),
    "jobs-summary": ("unified_job_id", "unified_jobs"),
    "schedules-changed": ("id", "schedules"),
    "inventories-status_changed": ("inventory_id", "inventories"),
}


P = ParamSpec("P")
R = TypeVar("R")


def reading(function: Callable[P, R]) -> Callable[P, R]:
    """A function of the pool: a connection that died is not used again."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return wrapper


@dataclass(frozen=True)
class State:
    """A job as a follower sees it."""

    type: str
    status: str
    over: bool  # nothing more will come


@reading
def state_of(pk: int) -> State | None:
    """The job's state, or None where it is gone."""
    job = UnifiedJob.objects.filter(pk=pk).first()
    if job is None:
        return None
    kind = registry.for_model(type(job)).type_name(type(job))
    return State(kind, job.status, job.status not in ACTIVE and job.event_processing_finished)


@reading
def events_after(pk: int, counter: int, first_line: int = 0) -> list[dict[str, Any]]:
    """The next events in order: those after a counter that reach beyond a line."""
    job = UnifiedJob.objects.filter(pk=pk).first()
    if job is None:
        return []
    rows = of_job(job).filter(counter__gt=counter).order_by("counter")
    rows = rows.filter(end_line__gt=first_line) if first_line else rows
    known = {field.name for field in rows.model._meta.concrete_fields}
    return list(rows.values(*COLUMNS, *(name for name in DETAILS if name in known))[:BATCH])


@reading
def still_allowed(user: int, login: dict[str, Any], resource: str = "", pk: int = 0) -> bool:
    """Whether the login still counts and the user may still read the object."""
    person = get_user_model().objects.filter(pk=user, is_active=True).first()
    if person is None:
        return False
    if "token" in login:
        found = get_access_token_model().objects.filter(pk=login["token"], user=user, expires__gt=timezone.now())
        if not found.exists():
            return False
    if "session" in login:
        store = import_module(settings.SESSION_ENGINE).SessionStore
        if not store(login["session"]).exists(login["session"]):
            return False
    return not resource or readable(person, resource, pk)


def readable(person: Any, resource: str, pk: int) -> bool:
    """Whether a person may read one object."""
    try:
        registry.by_slug(resource).find(person, pk)
    except (Http404, PermissionDenied, ValueError):
        return False
    return True


@reading
def may_follow(user: int, group: str, pk: int) -> bool:
    """Whether a user may follow a group of one object; unknown groups nobody may."""
    person = get_user_model().objects.filter(pk=user, is_active=True).first()
    return person is not None and group in OBJECT_GROUPS and readable(person, OBJECT_GROUPS[group], pk)


@reading
def visible_ids(user: int, resource: str, ids: Iterable[int]) -> set[int]:
    """Which of the objects a user may see."""
    person = get_user_model().objects.filter(pk=user, is_active=True).first()
    if person is None:
        return set()
    served = registry.by_slug(resource)
    rows: Any = served.model._default_manager.filter(pk__in=list(ids))
    rows = rows.non_polymorphic() if hasattr(rows, "non_polymorphic") else rows
    return set(served.access_for(person).visible(rows).order_by().values_list("pk", flat=True))
