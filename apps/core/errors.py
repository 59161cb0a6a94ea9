"""Exceptions to JSON, in one place; anything unforeseen is logged and answered without details."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

log = logging.getLogger(__name__)


class Conflict(exceptions.APIException):
    """409: the object is in a state that forbids this (it is in use, it is running)."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The resource is in use."
    default_code = "conflict"

    def __init__(self, detail: Any = None) -> None:
        super().__init__(None if isinstance(detail, dict) else detail)
        if isinstance(detail, dict):
            self.detail = detail  # as it is: numbers in it stay numbers


class BadRequest(exceptions.APIException):
    """400 with a body of one's own shape, where it is not a map of fields to messages."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.detail = body


def model_errors(error: ModelError) -> dict[str, list[str]]:
    """A model's ValidationError as DRF shows it; errors of no single field are under `__all__`."""
    if hasattr(error, "error_dict"):
        return {field: list(messages) for field, messages in error.message_dict.items()}
    return {"__all__": list(error.messages)}


REFUSALS: tuple[tuple[type[Exception], Callable[[], Exception]], ...] = (
    (ProtectedError, lambda: Conflict({"error": "Other objects need this one; remove them first."})),
    (RestrictedError, lambda: Conflict({"error": "Other objects need this one; remove them first."})),
    (
        IntegrityError,
        lambda: exceptions.ValidationError({"__all__": ["This conflicts with an object that already exists."]}),
    ),
    (DataError, lambda: exceptions.ValidationError({"__all__": ["A value is out of range or cannot be stored."]})),
)


def translate(error: Exception) -> Exception:
    """Turn what Django and the database raise into what a client can read."""
    if isinstance(error, ModelError):
        return exceptions.ValidationError(model_errors(error))
    if isinstance(error, ObjectDoesNotExist):
        return Http404()
    return next((make() for kind, make in REFUSALS if isinstance(error, kind)), error)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler; never lets a traceback or an HTML error page out."""
    error = translate(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(*([str(error)] if str(error) else []))
    answer = exception_handler(error, context)
    if answer is None:
        view = context.get("view")
        log.exception("unhandled error in %s", type(view).__name__ if view else "a view", exc_info=error)
        set_rollback()
        answer = Response({"detail": "The server met an unexpected error."}, status=500)
    return answer
