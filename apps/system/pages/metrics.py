"""/metrics/: for Prometheus as text, for others as JSON."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core.registry import page
from apps.core.renderers import BrowsableRenderer
from apps.core.views import PageView
from apps.system import subsystems
from apps.system.metrics import Metric, collect


class TextRenderer(BaseRenderer):
    """Prometheus' text format."""

    media_type = "text/plain"
    format = "txt"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        """One block a metric; an error is its sentence."""
        if isinstance(data, dict) and all(isinstance(metric, Metric) for metric in data.values()):
            return "".join(metric.as_text() for metric in data.values())
        return f"{data.get('detail', '') if isinstance(data, dict) else data}\n"


class MetricsJSONRenderer(JSONRenderer):
    """AWX's JSON of metrics."""

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """Metrics as objects, anything else as it is."""
        plain = data
        if isinstance(data, dict):
            plain = {name: v.as_json() if isinstance(v, Metric) else v for name, v in data.items()}
        return super().render(plain, accepted_media_type, renderer_context)


class MetricsBrowsableRenderer(BrowsableRenderer):
    """The page for people shows the JSON."""

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        """JSON."""
        return MetricsJSONRenderer()


@page("metrics/", root="metrics")
class MetricsView(PageView):
    """For superusers and auditors; for everyone where ALLOW_METRICS_FOR_ANONYMOUS_USERS says so."""

    permission_classes = (AllowAny,)
    renderer_classes = (TextRenderer, MetricsJSONRenderer, MetricsBrowsableRenderer)
    title = "Metrics"

    def get(self, request: Request) -> Response:
        """All metrics; `subsystemonly=1` and `dbonly=1` leave out the others, `metric` and `node` choose."""
        user = request.user
        open_to_all = live.get("ALLOW_METRICS_FOR_ANONYMOUS_USERS")
        if not user.is_authenticated and not open_to_all:
            self.permission_denied(request)
        if not open_to_all and not (user.is_superuser or user.is_system_auditor):
            raise PermissionDenied
        asked = request.query_params
        found = [] if asked.get("subsystemonly") == "1" else list(collect())
        if asked.get("dbonly") != "1":
            found += subsystems.collect(asked.getlist("metric"), asked.getlist("node"))
        return Response({metric.name: metric for metric in found})
