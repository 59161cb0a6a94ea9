"""Conditions over relations that reveal nothing: at every hop only rows that the asker may see count."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Q, Value, When

from apps.core import registry

from .paths import Path, is_many


def condition(user: Any, path: Path, value: Any) -> Q:
    """The Q for one parsed filter.

    Superusers and auditors see all, so a plain join does; for others each hop becomes a sub-query on visible rows,
    which also keeps `not__` from telling apart a hidden row and none.
    """
    if sees_all(user):
        return Q(**{f"{path.orm}__{path.lookup}": value})
    leaf = hidden_null(user, path, value) or to_many(user, path, value)
    return through(user, path.hops, leaf or Q(**{f"{path.field_name}__{path.lookup}": value}))


def through(user: Any, hops: Any, leaf: Q) -> Q:
    """What `leaf` says of the last hop's rows, of the first one's: each hop is a sub-query on visible rows."""
    for name, field in reversed(hops):
        leaf = Q(**{f"{name}__in": visible(user, field.related_model).filter(leaf).values("pk")})
    return leaf


def to_many(user: Any, path: Path, value: Any) -> Q | None:
    """`inventories=5` does not tell whose the inventory 5 is to those who do not see it."""
    if not (path.field.is_relation and is_many(path.field)) or sees_all(user):
        return None
    rows = visible(user, path.field.related_model).filter(**{f"pk__{path.lookup}": value})
    return Q(**{f"{path.field_name}__in": rows.values("pk")})


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


def ordered_by(user: Any, path: Path, *, descending: bool) -> Any:
    """What `order_by` sorts by: a column beyond a relation counts only where the asker sees the row it is of."""
    if sees_all(user) or not (path.hops or path.field.is_relation):
        return ("-" if descending else "") + path.orm
    column, seen, walked = F(path.orm), Q(), ""
    for name, field in path.hops:
        walked = f"{walked}__{name}" if walked else name
        seen &= Q(**{f"{walked}__in": visible(user, field.related_model).values("pk")})
    key = Case(When(seen, then=column), default=Value(None)) if path.hops else column
    return key.desc() if descending else key.asc()
