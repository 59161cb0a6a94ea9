"""Entries as JSON: for a whole page, one query finds the objects and one their summaries."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.apps import apps
from rest_framework import serializers

from apps.core import links
from apps.core.serializers import ResourceSerializer
from apps.core.summaries import USER, fetch, fields_for

from .kinds import KINDS
from .models import ActivityObject, ActivityStream

SHOWN = {"role": ("id", "role_field")}  # summaries that are not those of the kind's own resource


class ActivitySerializer(ResourceSerializer):
    """One act."""

    object_association = serializers.SerializerMethodField(help_text="The relation of a link.")
    object_type = serializers.SerializerMethodField(help_text="The kind of object that has the relation.")

    class Meta:
        model = ActivityStream
        fields = (
            "id", "type", "url", "related", "summary_fields", "timestamp", "operation", "changes", "object1",
            "object2", "object_association", "action_node", "object_type",
        )  # fmt: skip
        summaries = {"actor": USER}

    _objects: dict[int, dict[str, list[int]]] | None = None

    def get_object_association(self, obj: ActivityStream) -> str:
        """role, labels, credentials, …; nothing where nothing was linked."""
        return obj.object_association

    def get_object_type(self, obj: ActivityStream) -> str:
        """The kind that has the relation."""
        return obj.object_type

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The objects of each entry, as lists by kind; the actor of an entry who is gone."""
        self._objects = objects_of([obj.pk for obj in objects])
        found = summaries_of(self._objects)
        out: dict[Any, dict[str, Any]] = {}
        for obj in objects:
            entry: dict[str, Any] = {}
            for kind, ids in self._objects[obj.pk].items():
                shown = [found[kind][pk] for pk in ids if pk in found[kind]]
                if shown:
                    entry[kind] = shown
            if obj.setting:
                entry["setting"] = [obj.setting]
            if obj.actor_id is None and obj.deleted_actor:
                entry["actor"] = obj.deleted_actor | {"id": None}
            out[obj.pk] = entry
        return out

    def links(self, obj: ActivityStream) -> dict[str, Any]:
        """The actor, and the objects as lists by kind."""
        out: dict[str, Any] = {}
        if obj.actor_id is not None:
            out["actor"] = links.model_url(ActivityStream._meta.get_field("actor").related_model, obj.actor_id)
        for kind, ids in (self._objects or {})[obj.pk].items():
            urls = [links.model_url(apps.get_model(KINDS[kind]), pk) for pk in ids]
            if any(urls):
                out[kind] = [url for url in urls if url]
        return out


def objects_of(ids: list[int]) -> dict[int, dict[str, list[int]]]:
    """{entry: {kind: ids}} of a page of entries; a job brings its template along."""
    out: dict[int, dict[str, list[int]]] = {pk: defaultdict(list) for pk in ids}
    columns = [f"{kind}_id" for kind in KINDS]
    for row in ActivityObject.objects.filter(entry__in=ids).order_by("pk").values("entry_id", *columns):
        for kind in KINDS:
            value = row[f"{kind}_id"]
            if value is not None and value not in out[row["entry_id"]][kind]:
                out[row["entry_id"]][kind].append(value)
    for kinds in out.values():
        for kind in [kind for kind, found in kinds.items() if not found]:
            del kinds[kind]
    return add_templates(out)


def add_templates(out: dict[int, dict[str, list[int]]]) -> dict[int, dict[str, list[int]]]:
    """The job templates of the jobs."""
    jobs = {pk for kinds in out.values() for pk in kinds.get("job", ())}
    if jobs:
        rows = apps.get_model(KINDS["job"])._base_manager.filter(pk__in=jobs).exclude(job_template=None)
        templates = dict(rows.values_list("pk", "job_template_id"))
        for kinds in out.values():
            found = [templates[pk] for pk in kinds.get("job", ()) if pk in templates]
            if found:
                kinds["job_template"] = found
    return out


def summaries_of(objects: dict[int, dict[str, list[int]]]) -> dict[str, dict[int, dict[str, Any]]]:
    """{kind: {id: summary}} in one query; what is gone is left out."""
    wanted: dict[Any, set[int]] = defaultdict(set)
    keys: dict[str, Any] = {}
    for kinds in objects.values():
        for kind, ids in kinds.items():
            model = apps.get_model(KINDS[kind])
            fields = SHOWN.get(kind) or fields_for(model)
            if fields:
                keys[kind] = (model, fields)
                wanted[keys[kind]] |= set(ids)
    found = fetch(wanted)
    return defaultdict(dict, {kind: found.get(key, {}) for kind, key in keys.items()})
