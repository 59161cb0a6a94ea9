"""Settings that were changed in AWX."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError

from apps.conf import registry, services
from apps.conf.serializers import serializer_for

from . import secrets
from .copying import Run

NAME = "settings"
# what names this very installation, or where AWX keeps its files
OWN = {"INSTALL_UUID", "TOWER_URL_BASE", "LICENSE", "PENDO_TRACKING_STATE", "AWX_ISOLATION_BASE_PATH"}


def copy(run: Run) -> None:
    """Each setting on its own, so that one that does not fit keeps no other from being taken."""
    for row in run.source.rows("conf_setting"):
        if row.get("user_id") is None:
            take(run, row["key"], opened(run, row))


def opened(run: Run, row: dict[str, Any]) -> Any:
    """The value in clear."""
    value = row["value"]
    return secrets.decrypt(value, run.secret_key, "value", row["id"]) if secrets.is_secret(value) else value


def take(run: Run, key: str, value: Any) -> None:
    """Validate as the API does, then write."""
    if not registry.known(key) or registry.find(key).read_only or key in OWN:
        run.report.refuse(NAME, key, "it belongs to the old installation")
        return
    given = serializer_for((key,))(data={key: value}, partial=True)
    try:
        given.is_valid(raise_exception=True)
    except ValidationError as error:
        run.report.refuse(NAME, key, str(error.detail))
        return
    changed = services.change(given.validated_data)
    (run.report.taken if changed else run.report.present)[NAME] += 1
