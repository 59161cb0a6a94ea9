"""launch/: what a launch needs, and launching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.verb_views import VerbView
from apps.jobs.models import Job
from apps.jobs.serializers.job import LaunchedJobSerializer
from apps.jobs.serializers.launch import JobLaunchSerializer
from apps.jobs.services import LaunchRefused, launch, read_prompts
from apps.unified.prompts import form_of


class LaunchView(VerbView):
    """GET for whoever reads the template, POST for whoever may execute it."""

    serializer_class = JobLaunchSerializer
    page_fields = staticmethod(form_of)

    def get(self, request: Request, pk: int) -> Response:
        """The questions and the defaults."""
        return Response(self.get_serializer(self.get_object()).data)

    def post(self, request: Request, pk: int) -> Response:
        """A new job; 201 with the job and with what was ignored."""
        template = self.require("execute")
        given = self.get_serializer(data=modern(cast("dict[str, Any]", request.data)))
        given.is_valid(raise_exception=True)
        answers = dict(given.validated_data)
        passwords = answers.pop("credential_passwords", {})
        reading = read_prompts(template, answers, passwords=passwords)
        if reading.errors:
            raise LaunchRefused(reading.errors)
        if not self.resource.access_for(request.user).may_prompt(template, reading.accepted):
            raise PermissionDenied
        job = launch(template, actor=request.user, reading=reading)
        return launched(self, job, reading.ignored)


def modern(data: Mapping[str, Any]) -> dict[str, Any]:
    """The body in today's words: `inventory_id` was once `inventory`, passwords once stood beside the rest."""
    out = dict(data)
    if "inventory" not in out and "inventory_id" in out:
        out["inventory"] = out.pop("inventory_id")
    if "credential_passwords" not in out:
        out["credential_passwords"] = {
            name: value for name, value in data.items() if is_password(name) and isinstance(value, str)
        }
    return out


def is_password(name: str) -> bool:
    """Whether a key of the body is the name of a password."""
    return name in ("ssh_password", "become_password", "ssh_key_unlock") or name.startswith("vault_password")


def launched(view: VerbView, job: Any, ignored: Mapping[str, Any]) -> Response:
    """201: the job (or the workflow job of a sliced template), its id under its kind, and the ignored answers."""
    context = {**view.get_serializer_context(), "detail": True}
    resource = registry.for_model(type(job))
    serializer = LaunchedJobSerializer if isinstance(job, Job) else resource.serializer_class
    key = "job" if isinstance(job, Job) else resource.type_name(type(job))
    shown = serializer(job, context=context).data
    body = {key: job.pk, "ignored_fields": {name: plain(value) for name, value in ignored.items()}, **shown}
    return Response(body, status=status.HTTP_201_CREATED, headers={"Location": shown["url"]})


def plain(value: Any) -> Any:
    """An ignored answer as the client gave it: ids for objects."""
    if isinstance(value, Model):
        return value.pk
    return [plain(item) for item in value] if isinstance(value, list) else value
