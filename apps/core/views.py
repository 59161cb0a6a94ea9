"""The two roots: /api/ names the versions, /api/v2/ names everything served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import links, prefixes, registry
from .resources import View


class PageView(View, APIView):
    """The base of pages that are no resources."""


def error(status: int, detail: str) -> Callable[..., HttpResponse]:
    """What answers where no view does: an unknown path, a fault outside of DRF; a page for browsers."""

    def answer(request: Any, exception: Exception | None = None, reason: str = "") -> HttpResponse:
        if request.get_preferred_type(["application/json", "text/html"]) != "text/html":
            return JsonResponse({"detail": detail}, status=status)
        return HttpResponse(render_to_string("core/message.html", {"status": status, "detail": detail}), status=status)

    return answer


bad_request = error(400, "The request cannot be read.")
forbidden = error(403, "This is not allowed.")
not_found = error(404, "There is nothing at this path.")
csrf_failure = error(403, "The form is too old, or it came from another site. Go back, load the page again and repeat.")
server_error = error(500, "The server met an unexpected error.")


@method_decorator(ensure_csrf_cookie, name="dispatch")
class ApiRootView(PageView):
    """/api/: open to all; gives browsers and the awx command their CSRF cookie."""

    permission_classes = (AllowAny,)
    title = "REST API"
    page_template = "core/welcome.html"
    login_page: Callable[[], dict[str, str]] = dict  # what settings say of it; given where the URL is made

    def get(self, request: Request) -> Response:
        """The versions, as relative URLs; `apis` tells clients of the platform where they find theirs."""
        prefix = prefixes.current()
        apis = {known.home.split("/")[-2]: known.home for known in prefixes.PLATFORM}
        return Response(
            {
                "description": "AWX REST API, served by awx_lite",
                "current_version": prefix.root,
                "available_versions": {prefix.version: prefix.root},
                "oauth2": f"{prefix.home}o/",
                "custom_logo": "",
                "custom_login_info": "",
                "login_redirect_override": "",
            }
            | self.login_page()
            | ({"apis": apis} if prefix is prefixes.PLAIN else {})
        )


class RootView(PageView):
    """/api/v2/: name -> URL of every list and page."""

    permission_classes = (AllowAny,)
    title = "Version 2"
    is_root = True

    def get(self, request: Request) -> Response:
        """Relative URLs, sorted by name."""
        prefix = prefixes.current()
        out: dict[str, Any] = {p.root: links.page_url(p.route) for p in registry.pages() if p.root}
        for resource in registry.resources():
            if resource.list_methods and resource.root != "-":
                out[resource.root or resource.slug] = links.list_url(resource.slug)
        return Response({name: url for name, url in sorted(out.items()) if url.startswith(prefix.root)})
