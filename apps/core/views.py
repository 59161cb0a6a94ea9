"""The two roots: /api/ names the versions, /api/v2/ names everything served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import JsonResponse
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


def json_error(status: int, detail: str) -> Callable[..., JsonResponse]:
    """What answers where no view does: an unknown path, a fault outside of DRF."""

    def answer(request: Any, exception: Exception | None = None) -> JsonResponse:
        return JsonResponse({"detail": detail}, status=status)

    return answer


bad_request = json_error(400, "The request cannot be read.")
forbidden = json_error(403, "This is not allowed.")
not_found = json_error(404, "There is nothing at this path.")
server_error = json_error(500, "The server met an unexpected error.")


@method_decorator(ensure_csrf_cookie, name="dispatch")
class ApiRootView(PageView):
    """/api/: open to all; gives browsers and the awx command their CSRF cookie."""

    permission_classes = (AllowAny,)
    title = "REST API"
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

    def get(self, request: Request) -> Response:
        """Relative URLs, sorted by name."""
        prefix = prefixes.current()
        out: dict[str, Any] = {p.root: links.page_url(p.route) for p in registry.pages() if p.root}
        for resource in registry.resources():
            if resource.list_methods and resource.root != "-":
                out[resource.root or resource.slug] = links.list_url(resource.slug)
        return Response({name: url for name, url in sorted(out.items()) if url.startswith(prefix.root)})
