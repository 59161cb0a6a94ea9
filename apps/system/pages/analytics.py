"""/analytics/: AWX forwards these to a paid service; here they say that there is none."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.links import page_url
from apps.core.registry import page
from apps.core.views import PageView

# name -> whether GET is served (the others are asked by POST)
REPORTS = {
    "authorized": True,
    "reports": False,
    "report_options": True,
    "adoption_rate": False,
    "adoption_rate_options": False,
    "event_explorer": False,
    "event_explorer_options": False,
    "host_explorer": False,
    "host_explorer_options": False,
    "job_explorer": False,
    "job_explorer_options": False,
    "probe_templates": False,
    "probe_templates_options": False,
    "probe_template_for_hosts": False,
    "probe_template_for_hosts_options": False,
    "roi_templates": False,
    "roi_templates_options": False,
}


def require_reader(user: Any) -> None:
    """Analytics are for superusers and auditors."""
    if not (user.is_superuser or user.is_system_auditor):
        raise PermissionDenied


@page("analytics/", root="analytics")
class AnalyticsRootView(PageView):
    """Names the reports."""

    title = "Automation Analytics"

    def get(self, request: Request) -> Response:
        """name -> URL."""
        require_reader(request.user)
        return Response({name: page_url(f"analytics/{name}/") for name in sorted(REPORTS)})


class AnalyticsView(PageView):
    """A report of the service that is not connected."""

    readable = False

    def refuse(self) -> Response:
        """403 with a keyword that clients know, and a sentence."""
        error = {"error": {"type": "missing-credentials", "text": "No analytics service is connected to this server."}}
        return Response(error, status=status.HTTP_403_FORBIDDEN)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Only some are read."""
        require_reader(request.user)
        if not self.readable:
            raise MethodNotAllowed("GET")
        return self.refuse()

    def post(self, request: Request, **kwargs: Any) -> Response:
        """All may be asked."""
        require_reader(request.user)
        return self.refuse()

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """AWX asks the service about this too."""
        require_reader(request.user)
        return self.refuse()


for _name, _readable in REPORTS.items():
    _body = {"title": f"Automation Analytics {_name.replace('_', ' ').title()}", "readable": _readable}
    page(f"analytics/{_name}/")(type(f"Analytics{_name.title().replace('_', '')}View", (AnalyticsView,), _body))
