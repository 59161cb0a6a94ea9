"""Events of every kind of job as JSON: what they share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.conf import live
from apps.core.access import Access
from apps.core.resources import Resource

from .events_models import DISPLAY
from .models import UnifiedJob

CUT = "\u2026"
RESET = "\u001b[0m"


class EventSerializer(serializers.Serializer):
    """What all events share; long output is cut in lists, unless `no_truncate` is asked."""

    event_display = serializers.SerializerMethodField()
    stdout = serializers.SerializerMethodField()

    def get_event_display(self, obj: Any) -> str:
        """The event's name for people."""
        return DISPLAY.get(obj.event, obj.event)

    def get_stdout(self, obj: Any) -> str:
        """The output, at most EVENT_STDOUT_MAX_BYTES_DISPLAY in lists; colours are switched off after a cut."""
        request = self.context.get("request")
        if self.context.get("detail") or (request is not None and "no_truncate" in request.query_params):
            return obj.stdout
        limit = live.get("EVENT_STDOUT_MAX_BYTES_DISPLAY")
        if limit <= 0 or len(obj.stdout) <= limit:
            return obj.stdout
        kept = obj.stdout[:limit]
        return f"{kept}{CUT}{RESET if chr(27) in kept else ''}"


class PrintedEventSerializer(EventSerializer):
    """A line that a script printed: its columns are constants of the model."""

    event = serializers.SerializerMethodField()
    failed = serializers.SerializerMethodField()
    changed = serializers.SerializerMethodField()

    def get_event(self, obj: Any) -> str:
        """What it is: a line of output."""
        return obj.event

    def get_failed(self, obj: Any) -> bool:
        """No line fails."""
        return obj.failed

    def get_changed(self, obj: Any) -> bool:
        """No line changes a host."""
        return obj.changed


class EventAccess(Access):
    """Whoever sees a job sees its events."""

    def visible(self, queryset: Any) -> Any:
        """Events of visible jobs."""
        if self.everything or self.user.is_system_auditor:
            return queryset
        jobs = UnifiedJob.objects.non_polymorphic().visible_to(self.user).values("pk")
        return queryset.filter(**{f"{queryset.model.family}__in": jobs})


class EventResource(Resource):
    """The base of events' resources: reached through their job, each with a detail."""

    access = EventAccess
    list_methods = ()
    detail_methods = ("get",)
    search = ("stdout",)
    reserved_params = ("no_truncate",)
