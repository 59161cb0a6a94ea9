"""stdout/ of every kind of job: put together from its events, a batch at a time, also while it runs."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import Max
from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core.renderers import BrowsableRenderer
from apps.core.resources import Resource
from apps.core.verb_views import VerbView

from .ansi import Painter, coloured, plain
from .events.rows import of_job
from .followers.handover import hand_over

BATCH = 500  # events that are in memory at once
MAX_DIGITS = 9  # of a line number
FOLLOWED = ("ansi", "json", "txt")
KINDS = ("ad_hoc_command", "inventory_update", "job", "project_update", "system_job")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"
HEAD = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
    "<body style='background:{back};color:{front}'><pre style='white-space:pre-wrap'>"
)


def chunks(job: Any, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
    """(first line, text) of the job's events that printed something in lines start..end, each text whole lines."""
    rows = of_job(job).exclude(stdout="").order_by("counter")
    rows = rows.filter(end_line__gt=start) if start else rows
    rows = rows.filter(start_line__lt=end) if end is not None else rows
    last = -1
    while True:
        batch = list(rows.filter(counter__gt=last).values_list("counter", "start_line", "stdout")[:BATCH])
        for _, line, text in batch:
            yield line, text.replace("\r\n", "\n").removesuffix("\n") + "\n"
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def text_of(job: Any) -> Iterator[str]:
    """The whole output."""
    return (text for _, text in chunks(job))


def line_count(job: Any) -> int:
    """How many lines there are by now."""
    return of_job(job).aggregate(last=Max("end_line"))["last"] or 0


class PlainText(BaseRenderer):
    """format=txt: without colours. Errors are a sentence."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> str:
        """Text of an answer that is not streamed."""
        return str(data.get("detail", data)) if isinstance(data, dict) else str(data or "")


class AnsiText(PlainText):
    """format=ansi: with colours."""

    format = "ansi"


class PlainDownload(PlainText):
    """format=txt_download: as a file."""

    format = "txt_download"
    charset = None


class AnsiDownload(PlainText):
    """format=ansi_download: as a file, with colours."""

    format = "ansi_download"
    charset = None


class Html(PlainText):
    """format=html: a page."""

    media_type = "text/html"
    format = "html"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> str:
        """A sentence as HTML."""
        return html.escape(super().render(data))


class StdoutSerializer(serializers.Serializer):
    """For OPTIONS: the one field there is."""

    result_stdout = serializers.SerializerMethodField()

    def get_result_stdout(self, obj: Any) -> str:
        """The plain output."""
        return "".join(plain(text) for text in text_of(obj))


class StdoutView(VerbView):
    """GET in the format asked for; everything but JSON is streamed."""

    renderer_classes = (JSONRenderer, BrowsableRenderer, Html, PlainText, AnsiText, PlainDownload, AnsiDownload)
    serializer_class = StdoutSerializer
    kinds: ClassVar[tuple[str, ...]] = KINDS
    page_panel = "output"

    def get(self, request: Request, pk: int) -> Any:
        """The output of one job."""
        job, form = self.get_object(), request.accepted_renderer.format
        if request.query_params.get("follow") in ("1", "true", "True"):
            return self.follow(request, job, form)
        if form in ("json", "api"):
            return Response(self.window(request, job))
        if form == "html":
            page = StreamingHttpResponse(self.page(request, job), content_type="text/html; charset=utf-8")
            page["Content-Security-Policy"] = POLICY  # colours are inline, so that clients can show the piece alone
            return page
        clean = coloured if form.startswith("ansi") else plain
        parts = (clean(text) for text in text_of(job))
        if not form.endswith("_download"):
            return StreamingHttpResponse(parts, content_type="text/plain; charset=utf-8")
        answer = StreamingHttpResponse(parts, content_type="text/plain")
        suffix = ".ansi" if form.startswith("ansi") else ""
        name = f"{Resource.type_name(type(job))}_{job.pk}{suffix}.txt"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def follow(self, request: Request, job: Any, form: str) -> Any:
        """The output as it comes until the job is over, from `start_line` or after the counter `after`."""
        if form not in FOLLOWED:
            raise ValidationError({"format": [f"Only {', '.join(FOLLOWED)} can be followed."]})
        asked = request.query_params
        line, after = number(asked, "start_line", 0), number(asked, "after", 0)
        for name, value in (("start_line", line), ("after", after)):
            if value < 0:
                raise ValidationError({name: ["This must not be negative."]})
        kind = "lines" if form == "json" else "text"
        return hand_over(request, kind, job=job.pk, resource=self.resource.slug, form=form, line=line, after=after)

    def window(self, request: Request, job: Any) -> dict[str, Any]:
        """Some lines as JSON: `range` says which."""
        asked = request.query_params
        last = line_count(job)
        start, end = number(asked, "start_line", 0), number(asked, "end_line", None)
        first = max(0, last + start) if start < 0 else start
        final = last if end is None or start < 0 else min(last + end if end < 0 else end, last)
        content = clip(job, first, final)
        content = Painter().paint(content) if asked.get("content_format") == "html" else coloured(content)
        if asked.get("content_encoding") == "base64":
            content = base64.b64encode(content.encode()).decode()
        return {"range": {"start": first, "end": final, "absolute_end": last}, "content": content}

    @staticmethod
    def page(request: Request, job: Any) -> Iterator[str]:
        """The page, piece by piece; `content_only` leaves out what is around the output."""
        asked, painter = request.query_params, Painter()
        whole = asked.get("content_only") not in ("1", "true", "True")
        dark = asked.get("dark", asked.get("dark_bg")) in ("1", "true", "True")
        if whole:
            back, front = ("#111", "#ddd") if dark else ("#fff", "#111")
            yield HEAD.format(title=html.escape(str(job)), back=back, front=front)
        for text in text_of(job):
            yield painter.paint(text)
        if whole:
            yield "</pre></body></html>"


def number(asked: Any, name: str, default: int | None) -> Any:
    """A line number; 400 for a word."""
    text = asked.get(name, "")
    if text == "":
        return default
    digits = text.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= MAX_DIGITS):
        raise ValidationError({name: ["This must be a whole number."]})
    return int(text)


def clip(job: Any, first: int, final: int) -> str:
    """Lines first..final as one text; too much for one answer is said instead of sent."""
    limit = live.get("STDOUT_MAX_BYTES_DISPLAY")
    lines: list[str] = []
    size = 0
    for begin, text in chunks(job, first, final):
        kept = [f"{line}\n" for at, line in enumerate(text[:-1].split("\n"), begin) if first <= at < final]
        lines += kept
        size += sum(len(line) for line in kept)
        if limit and size > limit:
            return f"The output is too large to show (more than {limit} bytes); ask for fewer lines or download it.\n"
    return "".join(lines)
