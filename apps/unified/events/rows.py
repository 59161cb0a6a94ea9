"""The stored events of a job: where they are, and how they go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection

from apps.unified.events_models import FAMILIES


@cache
def family_of(job_class: Any) -> Any:
    """The event model of a kind of job, or None for kinds without events."""
    return next((m for m in FAMILIES if m._meta.get_field(m.family).related_model is job_class), None)


def of_job(job: Any) -> Any:
    """A job's events; the day of its creation leads straight to their partition."""
    model = family_of(job.__class__)
    return model.objects.filter(**{model.family: job.pk, "job_created": job.created})


def delete(jobs: Iterable[Any]) -> None:
    """Delete the events of some jobs, a statement per kind."""
    kinds: dict[Any, list[Any]] = defaultdict(list)
    for job in jobs:
        kinds[type(job)].append(job)
    for job_class, group in kinds.items():
        model = family_of(job_class)
        if model is None:
            continue
        column = model._meta.get_field(model.family).column
        with connection.cursor() as cursor:
            cursor.execute(
                # the names are the models' own
                f"DELETE FROM {model._meta.db_table} WHERE {column} = ANY(%s) AND job_created BETWEEN %s AND %s",  # noqa: S608
                [[job.pk for job in group], min(j.created for j in group), max(j.created for j in group)],
            )
