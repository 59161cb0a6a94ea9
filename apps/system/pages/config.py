"""/config/: what the server is and may do. There are no licences here: all is open, nothing to attach."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core.errors import BadRequest
from apps.core.registry import page
from apps.core.views import PageView
from apps.identity.models import Organization
from apps.jobs.models import JobTemplate
from apps.projects.models import Project

LICENSE = {"license_type": "open", "valid_key": True, "subscription_name": "OPEN", "product_name": "AWX"}
BECOME_METHODS = (
    ("", "None"),
    ("sudo", "Sudo"),
    ("su", "Su"),
    ("pbrun", "Pbrun"),
    ("pfexec", "Pfexec"),
    ("dzdo", "DZDO"),
    ("pmrun", "Pmrun"),
    ("runas", "Runas"),
    ("enable", "Enable"),
    ("doas", "Doas"),
    ("ksu", "Ksu"),
    ("machinectl", "Machinectl"),
    ("sesu", "Sesu"),
)


def paths_for(user: Any) -> dict[str, Any]:
    """Where projects lie: for those who administer something, since it says how the server is laid out."""
    wide = user.is_superuser or user.is_system_auditor
    if wide or any(Organization.objects.permitted_to(user, action).exists() for action in ("change", "add_project")):
        return {
            "project_base_dir": str(settings.PROJECTS_ROOT),
            "project_local_paths": Project.local_path_choices(),
            "custom_virtualenvs": [],
        }
    if JobTemplate.objects.permitted_to(user, "change").exists():
        return {"custom_virtualenvs": []}
    return {}


def require_superuser(user: Any) -> None:
    """403 for everyone else."""
    if not user.is_superuser:
        raise PermissionDenied


@page("config/", root="config")
class ConfigView(PageView):
    """The server's description; POST and DELETE of a licence are kept for clients that try."""

    title = "Configuration"

    def get(self, request: Request) -> Response:
        """Fields by role."""
        return Response(
            {
                "time_zone": settings.TIME_ZONE,
                "license_info": LICENSE,
                "version": settings.AWX_VERSION,
                "eula": "",
                "analytics_status": live.get("PENDO_TRACKING_STATE"),
                "analytics_collectors": {},
                "become_methods": [list(method) for method in BECOME_METHODS],
                "ui_next": live.get("UI_NEXT"),
                **paths_for(request.user),
            }
        )

    def post(self, request: Request) -> Response:
        """No licence is needed, so none is taken."""
        require_superuser(request.user)
        raise BadRequest({"error": "This server is open and takes no subscription."})

    def delete(self, request: Request) -> Response:
        """There is no licence to remove."""
        require_superuser(request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@page("config/subscriptions/")
class SubscriptionsView(PageView):
    """Kept for clients that look for subscriptions."""

    title = "Configuration Subscriptions"

    def post(self, request: Request) -> Response:
        """None are looked up."""
        require_superuser(request.user)
        raise BadRequest({"error": "This server is open and looks up no subscriptions."})


@page("config/attach/")
class AttachView(PageView):
    """Kept for clients that attach subscriptions."""

    title = "Configuration Attach"

    def post(self, request: Request) -> Response:
        """None is attached."""
        require_superuser(request.user)
        if not request.data.get("pool_id"):
            raise BadRequest({"error": "A pool_id is needed."})
        raise BadRequest({"error": "This server is open and attaches no subscription."})
