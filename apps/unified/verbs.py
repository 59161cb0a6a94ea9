"""Verbs that every kind of job has."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView

from . import services
from .serializers import CancelSerializer


class CancelView(VerbView):
    """cancel/: whether the job can be canceled, and canceling it (202; 405 where it is over)."""

    serializer_class = CancelSerializer
    explains = True  # whether GET shows `job_explanation`; plain jobs do not

    def get(self, request: Request, pk: int) -> Response:
        """Whether there is anything to cancel."""
        job = self.get_object()
        body: dict[str, Any] = {"can_cancel": job.can_cancel}
        if self.explains:
            body["job_explanation"] = job.job_explanation
        return Response(body)

    def post(self, request: Request, pk: int) -> Response:
        """Cancel it."""
        job = self.require("cancel")
        if not services.cancel(job):
            raise MethodNotAllowed("POST")
        return Response(status=status.HTTP_202_ACCEPTED)


class PlainCancelView(CancelView):
    """cancel/ of jobs, whose GET says nothing else."""

    explains = False
