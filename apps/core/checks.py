"""Boot-time proof that every declaration names something real (manage.py check)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist

from . import registry
from .sublist_views import child_of


@register()
def declarations_resolve(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Sub-lists, links of access rules and summaries name fields and resources that exist."""
    errors: list[CheckMessage] = []
    for resource in registry.resources():
        errors += check_sublists(resource) + check_needs(resource) + check_names(resource)
    return errors


def check_sublists(resource: Any) -> list[CheckMessage]:
    """Each sub-list leads to a served model."""
    out: list[CheckMessage] = []
    for sub in resource.sublists:
        try:
            child_of(resource, sub)
        except (FieldDoesNotExist, KeyError):
            out.append(Error(f"{resource.slug}: no served relation {sub.relation!r}.", id="core.E001"))
    return out


def check_needs(resource: Any) -> list[CheckMessage]:
    """Each right needed names a foreign key."""
    out: list[CheckMessage] = []
    for name in resource.access.needs:
        try:
            resource.model._meta.get_field(name)
        except FieldDoesNotExist:
            out.append(Error(f"{resource.slug}: access needs the unknown field {name!r}.", id="core.E002"))
    return out


def check_names(resource: Any) -> list[CheckMessage]:
    """Serializer and summary fields exist (building them raises where they do not)."""
    from .summaries import select

    out: list[CheckMessage] = []
    try:
        resource.serializer_class().fields  # noqa: B018
        select(resource.model, resource.summary, 0)
    except Exception as error:  # noqa: BLE001  (any mistake in a declaration is reported, whatever it raises)
        out.append(Error(f"{resource.slug}: {error}", id="core.E003"))
    return out
