"""A start that fails: which errors another try does not mend, and what people are told of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError
from rest_framework.exceptions import APIException

from apps.core.errors import BadRequest

from .services import create_job, finish

log = logging.getLogger(__name__)
# a database that is away is not among them: then the start is tried again
FINAL = (APIException, ModelError, DataError, IntegrityError, ValueError, LookupError, TypeError)


def fail(template: Any, sentence: str, **columns: Any) -> Any:
    """A failed job in place of the one that could not be started: its explanation says why."""
    job = create_job(template, **columns)
    finish(job, "failed", sentence)
    return job


def reason_of(error: Exception, what: str) -> str:
    """Why a start failed, for people; what nobody foresaw is in the log only."""
    if isinstance(error, BadRequest):
        return sentences(error.detail)
    log.error("%s could not be started", what, exc_info=error)
    return "The server met an unexpected error; its log says more."


def sentences(detail: Any) -> str:
    """A refusal as text for people."""
    if isinstance(detail, Mapping):
        return " ".join(f"{name}: {sentences(said)}" for name, said in detail.items())
    return " ".join(map(str, detail)) if isinstance(detail, list | tuple) else str(detail)
