"""The browsable API: every answer as a page on which people can look round, filter, change and run."""

from __future__ import annotations

from typing import Any

from django.template import loader
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.renderers import BrowsableAPIRenderer

from .browse import document, filters, forms, overview, rows, trail, verbs


class BrowsableRenderer(BrowsableAPIRenderer):
    """A page around the JSON; the JSON is what the same URL answers to programs.

    A view may name another template in `page_template` (it extends core/api.html), give it more to read by
    `page_context(data)`, and name a `page_panel` to put above the document.
    """

    template = "core/api.html"

    def get_context(self, data: Any, accepted_media_type: Any, renderer_context: Any) -> dict[str, Any]:
        """What the templates read."""
        view, request, response = (renderer_context[key] for key in ("view", "request", "response"))
        refused = status.is_client_error(response.status_code) or status.is_server_error(response.status_code)
        shown = {} if refused else self.about(view, request, data)
        return {
            "view": view,
            "request": request,
            "response": response,
            "user": request.user,
            "data": data,
            "title": name_of(data) or view.get_view_name(),
            "kind": view.get_view_name(),
            "trail": trail.trail(request.path),
            "refused": refused,
            "login": response.status_code == status.HTTP_401_UNAUTHORIZED,
            "methods": view.allowed_methods,
            "document": self.document(data, view, accepted_media_type, renderer_context),
            **shown,
            **(view.page_context(data) if hasattr(view, "page_context") and not refused else {}),
        }

    def document(self, data: Any, view: Any, media_type: Any, context: Any) -> Any:
        """The JSON as markup; what is no JSON (metrics) as escaped text."""
        renderer = self.get_default_renderer(view)
        text = self.get_content(renderer, data, media_type, context)
        if data is None:
            return ""
        return document.render(text) if renderer.media_type == "application/json" else text

    @staticmethod
    def about(view: Any, request: Any, data: Any) -> dict[str, Any]:
        """Everything that depends on what is shown."""
        listed = isinstance(data, dict) and isinstance(data.get("results"), list)
        out: dict[str, Any] = {"panel": panel_of(view, data), "status": status_of(data)}
        if listed:
            out["table"] = rows.table(data["results"])
            out["filters"] = filters.form(view, request, data)
            sub = getattr(view, "sub", None)
            out["detaches"] = bool(sub and sub.attach)
        if getattr(view, "is_root", False):
            out["groups"] = overview.groups(data)
        out["verbs"] = verbs.verbs(view, data)
        out["ways"] = verbs.ways(view, data)
        if request.user.is_authenticated:
            out["forms"] = written(view, request, data)
            out["deletes"] = not listed and "DELETE" in view.allowed_methods and deletable(data)
        return out

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> str:
        """The page; a deletion that answers nothing answers a page here."""
        self.accepted_media_type, self.renderer_context = accepted_media_type or "", renderer_context or {}
        context = self.get_context(data, accepted_media_type, renderer_context)
        name = getattr(context["view"], "page_template", "") if not context["refused"] else ""
        page = loader.get_template(name or self.template).render(context, request=context["request"])
        if context["response"].status_code == status.HTTP_204_NO_CONTENT:
            context["response"].status_code = status.HTTP_200_OK
        return page


def written(view: Any, request: Any, data: Any) -> list[dict[str, Any]]:
    """The forms; none where the view refuses even to describe them."""
    try:
        return forms.forms(view, request, data)
    except APIException:
        return []


def name_of(data: Any) -> str:
    """The name of the object that is shown."""
    if not isinstance(data, dict) or "id" not in data:
        return ""
    return next((str(data[key]) for key in ("name", "username", "hostname") if data.get(key)), "")


def status_of(data: Any) -> str:
    """The state of the object that is shown."""
    found = data.get("status") if isinstance(data, dict) and "id" in data else None
    return found if isinstance(found, str) else ""


def deletable(data: Any) -> bool:
    """Whether the user's capabilities allow it, where the object tells."""
    summaries = data.get("summary_fields") if isinstance(data, dict) else None
    capabilities = summaries.get("user_capabilities") if isinstance(summaries, dict) else None
    return not (isinstance(capabilities, dict) and capabilities.get("delete") is False)


def panel_of(view: Any, data: Any) -> dict[str, str]:
    """What is shown above the document: {"output": URL} of a job, {"nodes": URL} of a workflow."""
    related = data.get("related") if isinstance(data, dict) else None
    related = related if isinstance(related, dict) else {}
    out = {}
    if isinstance(related.get("stdout"), str) and "status" in data:
        out["output"] = related["stdout"]
        out["events"] = related.get("job_events") or related.get("events") or ""
        if any(verb.name == "live" for verb in getattr(view, "verbs", ())):
            out["live"] = f"{view.request.path}live/"
    elif getattr(view, "page_panel", "") == "output":
        out["output"] = view.request.path
    if isinstance(related.get("workflow_nodes"), str):
        out["nodes"] = related["workflow_nodes"]
    return out
