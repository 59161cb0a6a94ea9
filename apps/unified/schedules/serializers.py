"""Schedules as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core import links, registry
from apps.core.serializers import NAMED
from apps.core.summaries import Summaries, fields_for
from apps.unified.models import Schedule
from apps.unified.prompt_fields import PROMPTS, PromptsSerializer

from .rules import Recurrence, RuleError, problems
from .services import announce, compute, settle_template


def validate_rule(value: str) -> None:
    """400 with every problem of the text."""
    found = problems(value)
    if found:
        raise serializers.ValidationError(found)


class ScheduleSerializer(PromptsSerializer):
    """A rule, a template, and the answers to its prompts."""

    rrule = serializers.CharField(validators=[validate_rule], help_text="An iCal rule: DTSTART:… RRULE:…")
    timezone = serializers.SerializerMethodField()
    until = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            *NAMED, *PROMPTS, "rrule", "unified_job_template", "enabled", "dtstart", "dtend", "next_run", "timezone",
            "until",
        )  # fmt: skip
        read_only_fields = ("dtstart", "dtend", "next_run")
        capabilities = {"edit": "change", "delete": "delete"}
        unlinked = ("execution_environment",)

    def validate_unified_job_template(self, value: Any) -> Any:
        """Some templates cannot be started by a clock, and say so."""
        refusal = getattr(value, "schedule_refusal", "")
        if refusal:
            raise serializers.ValidationError(refusal)
        return value

    def get_timezone(self, obj: Schedule) -> str:
        """The zone of the start."""
        rule = read(obj.rrule)
        return rule.zone_name if rule else ""

    def get_until(self, obj: Schedule) -> str:
        """UNTIL in the zone of the start, without the zone; empty where there is none."""
        rule = read(obj.rrule)
        return rule.until.replace(tzinfo=None).isoformat() if rule and rule.until else ""

    def prepare(self, objects: Any) -> None:
        """Also the project and inventory of the templates."""
        objects = list(objects)
        self._targets = template_targets({obj.unified_job_template_id for obj in objects})
        super().prepare(objects)

    def links(self, obj: Schedule) -> dict[str, Any]:
        """The runs, and the project and inventory of the template."""
        out = super().links(obj) | {"unified_jobs": f"{self.get_url(obj)}jobs/"}
        target = self._targets.get(obj.unified_job_template_id, {})
        if target.get("project"):
            out["project"] = f"{links.list_url('projects')}{target['project']}/"
        if target.get("inventory") and obj.inventory_id is None:
            out["inventory"] = f"{links.list_url('inventories')}{target['inventory']}/"
        return out

    def summarize(self, objects: list[Schedule]) -> dict[Any, dict[str, Any]]:
        """The template's inventory, where the schedule names none."""
        inventories = registry.by_slug("inventories").model
        holders = [
            Holder(obj.pk, self._targets.get(obj.unified_job_template_id, {}).get("inventory")) for obj in objects
        ]
        shown = {"inventory": ("inventory_id", inventories, fields_for(inventories))}
        batch = Summaries(shown, holders)  # type: ignore[arg-type]
        return {h.pk: batch.of(h) for h, obj in zip(holders, objects, strict=True) if obj.inventory_id is None}

    def stored(self, row: Schedule, data: dict[str, Any]) -> Schedule:
        """Write it, work out the next run, and tell the template."""
        for name in ("rrule", "enabled"):
            if name in data:
                setattr(row, name, data[name])
        compute(row)
        data.pop("rrule", None)
        row = super().stored(row, data)
        settle_template(row.unified_job_template_id)
        announce(row)
        return row


class Holder:
    """The template's inventory in the place where a summary looks for it."""

    def __init__(self, pk: int, inventory_id: int | None) -> None:
        self.pk, self.inventory_id = pk, inventory_id


def read(text: str) -> Recurrence | None:
    """The rule; None where an older release stored one that is refused now."""
    try:
        return Recurrence(text)
    except RuleError:
        return None


def template_targets(ids: set[int]) -> dict[int, dict[str, int | None]]:
    """{template: {project, inventory}} of job templates, workflows and inventory sources: one query a kind."""
    out: dict[int, dict[str, int | None]] = {}
    kinds = {
        "job_templates": ("project_id", "inventory_id"),
        "workflow_job_templates": ("inventory_id",),
        "inventory_sources": ("inventory_id",),
    }
    for slug, columns in kinds.items():
        rows = registry.by_slug(slug).model._base_manager.filter(pk__in=ids).order_by()
        for row in rows.values("pk", *columns):
            out[row["pk"]] = {name.removesuffix("_id"): row[name] for name in columns}
    return out


class PreviewSerializer(serializers.Serializer):
    """A rule to try out."""

    rrule = serializers.CharField(validators=[validate_rule], help_text="An iCal rule: DTSTART:… RRULE:…")

    class Meta:
        model = Schedule  # for OPTIONS
