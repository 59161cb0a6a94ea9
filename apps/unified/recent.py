"""`recent_jobs`, `last_job` and `current_job` of a page of templates, in two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from apps.core.resources import Resource
from apps.core.serializers import iso

from .job_links import kind_of
from .models import UnifiedJob

LATEST = 10
RECENT = """
SELECT t.id, j.id, j.status, j.finished, j.canceled_on, j.polymorphic_ctype_id FROM unnest(%s::bigint[]) AS t(id)
CROSS JOIN LATERAL (
    SELECT id, status, finished, canceled_on, polymorphic_ctype_id FROM unified_unifiedjob
    WHERE unified_job_template_id = t.id ORDER BY id DESC LIMIT %s
) j ORDER BY t.id, j.id DESC
"""


def recent_jobs(templates: Iterable[Any]) -> dict[int, list[dict[str, Any]]]:
    """{template: its last ten jobs, newest first}."""
    out: dict[int, list[dict[str, Any]]] = {template.pk: [] for template in templates}
    if out:
        with connection.cursor() as cursor:
            cursor.execute(RECENT, [list(out), LATEST])
            for template, pk, status, finished, canceled, kind in cursor.fetchall():
                out[template].append(
                    {
                        "id": pk,
                        "status": status,
                        "finished": iso(finished),
                        "canceled_on": iso(canceled),
                        "type": Resource.type_name(kind_of(kind)),
                    }
                )
    return out


def job_summaries(templates: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """{template: last_job, last_update, current_job, current_update} of those that have them."""
    templates = list(templates)
    ids = {pk for t in templates for pk in (t.last_job_id, t.current_job_id) if pk}
    out: dict[int, dict[str, Any]] = defaultdict(dict)
    if not ids:
        return out
    columns = ("id", "name", "description", "finished", "status", "failed")
    rows = UnifiedJob.objects.non_polymorphic().filter(pk__in=ids).order_by().values(*columns)
    found = {row["id"]: {**row, "finished": iso(row["finished"])} for row in rows}
    for template in templates:
        for pk, full, short in (
            (template.last_job_id, "last_job", "last_update"),
            (template.current_job_id, "current_job", "current_update"),
        ):
            if pk in found:
                update = {name: value for name, value in found[pk].items() if name != "finished"}
                out[template.pk][full] = found[pk] if full == "last_job" else update
                out[template.pk][short] = update
    return out
