"""relaunch/ of jobs and of ad hoc commands."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView
from apps.jobs.serializers.job import LaunchedJobSerializer
from apps.jobs.serializers.launch import JobRelaunchSerializer
from apps.jobs.services import LaunchRefused, relaunch
from apps.jobs.services.relaunching import passwords_of

from .launch import is_password
from .survey import AnySerializer


class RelaunchView(VerbView):
    """What both have in common."""

    def allowed(self) -> Any:
        """The job, if the user may start it again."""
        job = self.get_object()
        if not self.resource.access_for(self.request.user).may_relaunch(job):
            raise PermissionDenied
        return job


class RelaunchJobView(RelaunchView):
    """POST: the same again, on all hosts or on those that failed."""

    serializer_class = JobRelaunchSerializer

    def get(self, request: Request, pk: int) -> Response:
        """What a relaunch needs."""
        return Response(self.get_serializer(self.get_object()).data)

    def post(self, request: Request, pk: int) -> Response:
        """201 with the new job."""
        job = self.allowed()
        given = self.get_serializer(data={"credential_passwords": {}, **cast("dict[str, Any]", request.data)})
        given.is_valid(raise_exception=True)
        check_parts(job)
        answers = given.validated_data
        new = relaunch(
            job, actor=request.user, hosts=answers["hosts"] or "all",
            passwords=answers.get("credential_passwords") or top_level(request.data),
        )  # fmt: skip
        context = {**self.get_serializer_context(), "detail": True}
        shown = LaunchedJobSerializer(new, context=context).data
        return Response({"job": new.pk, **shown}, status=status.HTTP_201_CREATED, headers={"Location": shown["url"]})


class RelaunchCommandView(RelaunchView):
    """POST: the same command again."""

    serializer_class = AnySerializer

    def get(self, request: Request, pk: int) -> Response:
        """The passwords that are needed."""
        return Response({"passwords_needed_to_start": passwords_of(self.get_object())})

    def post(self, request: Request, pk: int) -> Response:
        """201 with the new command."""
        command = self.allowed()
        given = top_level(request.data)
        lacking = [name for name in passwords_of(command) if not given.get(name)]
        if lacking:
            raise LaunchRefused({"passwords_needed_to_start": lacking})
        if command.inventory is None or command.credential is None:
            raise LaunchRefused({"detail": "The inventory or the credential of the command is gone."})
        new = relaunch(command, actor=request.user, passwords=given)
        serializer = self.resource.serializer_class(new, context={**self.get_serializer_context(), "detail": True})
        shown = serializer.data
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Location": shown["url"]})


def check_parts(job: Any) -> None:
    """What the job runs is still there."""
    problems = []
    for name in ("project", "inventory"):
        target = getattr(job, name)
        if target is None:
            problems.append(f"The {name} of the job is gone.")
        elif getattr(target, "pending_deletion", False):
            problems.append(f"The {name} of the job is being deleted.")
    if problems:
        raise LaunchRefused({"errors": problems})


def top_level(data: Any) -> dict[str, str]:
    """Passwords that stand beside the rest of the body."""
    return {name: value for name, value in data.items() if is_password(name) and isinstance(value, str)}
