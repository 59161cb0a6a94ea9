"""The paths of live output: live/ of every kind of job, /api/v2/live/, and /websocket/."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core.addresses import parts_of
from apps.core.registry import page
from apps.core.verb_views import VerbView
from apps.core.views import PageView

from .handover import hand_over


class EventStream(BaseRenderer):
    """So that `Accept: text/event-stream`, which browsers send, is understood; errors are a line."""

    media_type = "text/event-stream"
    format = "sse"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        """An error as an event."""
        return f"event: error\ndata: {JSONRenderer().render(data).decode()}\n\n".encode()


def counter(request: Request) -> int:
    """Where to go on: the browser's Last-Event-ID, or `after`."""
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after") or "0"
    if not (text.isdecimal() and text.isascii() and len(text) <= 9):  # noqa: PLR2004  (digits of a counter)
        raise ValidationError({"after": ["This must be the counter of an event."]})
    return int(text)


class JobLiveView(VerbView):
    """Server-Sent Events of one job: `job_event` (id: counter), `status`, and `end`."""

    renderer_classes = (JSONRenderer, EventStream)
    http_method_names = ["get", "options"]

    def get(self, request: Request, pk: int) -> Any:
        """The job's events from the beginning, or after the one that was last seen."""
        job = self.get_object()
        return hand_over(request, "job", job=job.pk, resource=self.resource.slug, after=counter(request))


@page("live/")
class LiveView(PageView):
    """Server-Sent Events of all jobs that the asker may see: `status`, as the websocket's jobs-status_changed."""

    title = "Live"
    renderer_classes = (JSONRenderer, EventStream)
    http_method_names = ["get", "options"]

    def get(self, request: Request) -> Any:
        """Changes of status from now on."""
        return hand_over(request, "statuses")


class WebsocketView(APIView):
    """/websocket/: the handshake is answered by the process of live output."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)
    schema = None

    def get(self, request: Request) -> Any:
        """Only for websockets, and for browsers only from our own pages."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise ValidationError({"detail": "This path speaks the websocket protocol only."})
        origin = request.headers.get("Origin")
        if origin and not own_origin(request, origin):
            raise PermissionDenied("Pages of other sites may not connect.")
        return hand_over(request, "websocket", csrf=request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""))


def own_origin(request: Request, origin: str) -> bool:
    """Whether a page of this site, or of a trusted one, asks."""
    return parts_of(origin).netloc == request.get_host() or origin in settings.CSRF_TRUSTED_ORIGINS
