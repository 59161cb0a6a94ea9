"""What the stream says of an object's fields: readable, and without secrets."""

from __future__ import annotations

import functools
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models

from apps.core import registry
from apps.core.fields import EncryptedTextField
from apps.core.serializers import iso

HIDDEN = "hidden"
SECRET = frozenset(
    {
        "password", "inputs", "token", "client_secret", "webhook_key", "host_config_key", "start_args",
        "survey_passwords", "notification_configuration", "ssh_key_data", "secret", "code",
    }
)  # fmt: skip
UNSAID = frozenset({"last_login", "last_used", "created", "modified", "created_by", "modified_by"})


@functools.cache
def fields_of(model: type[models.Model]) -> tuple[models.Field, ...]:
    """The columns whose changes are written down: those that the API lets people set."""
    resource: Any = registry.find_model(model)
    shown: set[str] | None = None
    if resource is not None:
        shown = set()
        for serializer in (resource.serializer_class, resource.list_serializer_class):
            if serializer is not None:
                shown |= set(serializer.Meta.fields)
    return tuple(
        field
        for field in model._meta.concrete_fields
        if field.editable
        and field.name not in UNSAID
        and not (field.primary_key or getattr(field.remote_field, "parent_link", False))
        and (shown is None or field.name in shown)
    )


def state(obj: models.Model) -> dict[str, Any]:
    """The raw values of the columns, for a comparison later."""
    return {field.attname: getattr(obj, field.attname) for field in fields_of(type(obj))}


def stored(obj: models.Model) -> dict[str, Any] | None:
    """The raw values as the table has them, or None where the row is not there."""
    model = type(obj)
    names = [field.attname for field in fields_of(model)]
    return model._base_manager.filter(pk=obj.pk).values(*names).first() if names else None


def described(obj: models.Model) -> dict[str, Any]:
    """Every column as it is shown: for entries of creation and deletion."""
    raw = state(obj)
    out = {field.name: shown(field, raw[field.attname], obj) for field in fields_of(type(obj))}
    return out | {"id": obj.pk}


def difference(before: dict[str, Any], obj: models.Model) -> dict[str, list[Any]]:
    """{field: [old, new]} of the columns that are another now."""
    out = {}
    for field in fields_of(type(obj)):
        old, new = before[field.attname], getattr(obj, field.attname)
        if old != new:
            out[field.name] = [shown(field, old, None), shown(field, new, obj)]
    return out


def shown(field: models.Field, value: Any, obj: models.Model | None) -> Any:
    """One value; a foreign key as `name-id`, a secret as `hidden`."""
    if isinstance(field, EncryptedTextField) or field.name in SECRET:
        return HIDDEN if value not in (None, "", {}) or field.name == "password" else plain(value)
    if field.is_relation and value is not None:
        return f"{name_of(field, value, obj)}-{value}"
    return plain(value)


def name_of(field: Any, pk: Any, obj: models.Model | None) -> str:
    """The name of what a foreign key points to; the cached object is used where there is one."""
    target = field.get_cached_value(obj, default=None) if obj is not None else None
    if target is None or target.pk != pk:
        target = field.related_model._base_manager.filter(pk=pk).first()
    return str(getattr(target, "name", None) or getattr(target, "username", None) or target or "")


def plain(value: Any) -> Any:
    """A value that JSON can hold; defaults of secret survey questions are hidden."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        secret = value.get("type") == "password" and "default" in value
        return {str(k): HIDDEN if secret and k == "default" else plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value) if isinstance(value, date | time | Decimal) else repr_of(value)


def repr_of(value: Any) -> str:
    """Anything else as text, bytes not at all."""
    return "" if isinstance(value, bytes | memoryview) else str(value)
