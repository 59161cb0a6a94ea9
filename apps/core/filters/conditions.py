"""Conditions over relations that reveal nothing: at every hop only rows that the asker may see count."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.core import registry

from .paths import Path


def condition(user: Any, path: Path, value: Any) -> Q:
    """The Q for one parsed filter.

    Superusers and auditors see all, so a plain join does; for others each hop becomes a sub-query on visible rows,
    which also keeps `not__` from telling apart a hidden row and none.
    """
    leaf = Q(**{f"{path.field_name}__{path.lookup}": value})
    if not path.hops:
        return hidden_null(user, path, value) or leaf
    if sees_all(user):
        return Q(**{f"{path.orm}__{path.lookup}": value})
    for name, field in reversed(path.hops):
        leaf = Q(**{f"{name}__in": visible(user, field.related_model).filter(leaf).values("pk")})
    return leaf


def hidden_null(user: Any, path: Path, value: Any) -> Q | None:
    """`children__isnull` counts only the children that the asker sees."""
    field = path.field
    if path.lookup != "isnull" or not field.is_relation or field.concrete or sees_all(user):
        return None
    seen = Q(**{f"{path.field_name}__in": visible(user, field.related_model).values("pk")})
    return ~seen if value else seen


def sees_all(user: Any) -> bool:
    """Whether rows are never hidden from this user."""
    return bool(user.is_superuser or getattr(user, "is_system_auditor", False))


def visible(user: Any, model: Any) -> Any:
    """The rows of a served model that the user may see; plain models have nothing to hide."""
    if registry.find_model(model) is None:
        return model._default_manager.order_by()
    return registry.for_model(model).access_for(user).visible(model._default_manager.all()).order_by()
