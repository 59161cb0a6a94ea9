"""A dotted path of a filter (`organization__name__icontains`) checked against what may be walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from rest_framework.exceptions import PermissionDenied, ValidationError

from apps.core import registry

LOOKUPS = {
    "exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith",
    "regex", "iregex", "gt", "gte", "lt", "lte", "isnull", "in",
}  # fmt: skip
MAX_PARTS = 8  # of a path; every hop is a join or a sub-query
SECRET_NAMES = {
    "password", "token", "refresh_token", "access_token", "inputs", "client_secret", "start_args", "webhook_key",
    "host_config_key", "survey_spec", "survey_passwords", "secret_key", "hashed_secret", "code",
}  # fmt: skip


def unknown(name: str) -> ValidationError:
    """400 that names the parameter."""
    return ValidationError({"detail": f"{name!r} cannot be used to filter or order this list."})


@dataclass(frozen=True)
class Path:
    """The relations walked, the field at the end, and the lookup."""

    hops: tuple[tuple[str, Any], ...]  # (relation name, relation field)
    field: Any
    lookup: str
    is_type: bool = False  # the path ended in `type`: `field` is the content type of a polymorphic model

    @property
    def orm(self) -> str:
        """The path as Django writes it, without the lookup."""
        return "__".join([name for name, _ in self.hops] + [self.field_name])

    @property
    def field_name(self) -> str:
        """The last field's name in queries."""
        return self.field.name

    @property
    def multiplies(self) -> bool:
        """Whether a relation on the way may yield a row several times."""
        return any(is_many(field) for field in [f for _, f in self.hops] + [self.field] if field.is_relation)


def is_many(field: Any) -> bool:
    """Whether the relation leads to many rows."""
    return bool(field.many_to_many or field.one_to_many)


# models that are no resources, and the columns by which a relation to them may be filtered
PLAIN = {"contenttypes.contenttype": {"id", "pk", "model", "app_label"}}


def shown_columns(model: Any) -> set[str] | None:
    """The names that the model's resource shows (or lets be filtered); None where the model is not served."""
    resource = registry.find_model(model)
    if resource is None:
        return PLAIN.get(model._meta.label_lower)
    names = set(resource.filterable) | {"id", "pk"}
    for serializer in (resource.serializer_class, resource.list_serializer_class):
        if serializer is not None:
            names |= set(serializer.Meta.fields)
    return names - set(resource.unfilterable)


def find(model: Any, name: str, whole: str, *, shown: bool = False) -> Any:
    """The model's field of this name; 403 for a secret, 400 for what is not there or (unless known to be) not shown."""
    if name == "pk":
        return model._meta.pk
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise unknown(whole) from error
    if is_secret(model, name, field):
        raise PermissionDenied(f"Filtering on {name} is not allowed.")
    if shown or name in (shown_columns(model) or ()):
        return field
    if not (field.is_relation and field.related_model and is_served(field.related_model)):
        raise unknown(whole)
    return field


def is_served(model: Any) -> bool:
    """Whether relations to the model may be walked."""
    return registry.find_model(model) is not None or model._meta.label_lower in PLAIN


def is_secret(model: Any, name: str, field: Any) -> bool:
    """Whether the column may never be filtered, whoever asks."""
    resource = registry.find_model(model)
    return name in SECRET_NAMES or getattr(field, "secret", False) or bool(resource and name in resource.secret_fields)


def alias(model: Any, name: str) -> list[str]:
    """The path that AWX's name of a field stands for in this resource: `last_updated` of a project."""
    resource = registry.find_model(model) if model is not None else None
    path = resource.filter_aliases.get(name, "") if resource else ""
    return path.split("__") if path else []


def plain(model: Any, name: str) -> str:
    """Relations that lead back are also known by their names with underscores: `job_template` of a template."""
    short = name.replace("_", "")
    return short if model is not None and short in model._meta.fields_map else name


def parse(model: Any, key: str, *, ordering: bool = False) -> Path:
    """Walk `key` from `model`; ValidationError names the whole key."""
    if not key.isascii():
        raise unknown(key)
    parts = key.split("__")
    lookup = parts.pop() if not ordering and len(parts) > 1 and parts[-1] in LOOKUPS else "exact"
    if not all(parts) or len(parts) > MAX_PARTS:
        raise unknown(key)
    steps: list[tuple[str, Any]] = []
    current, is_type = model, False
    for position, part in enumerate(parts):
        is_type = part == "type" and position == len(parts) - 1 and not ordering and has_types(current)
        known = ["polymorphic_ctype"] if is_type else alias(current, part)
        for name in known or [plain(current, part)]:
            if current is None:
                raise unknown(key)
            field = find(current, name, key, shown=bool(known))
            steps.append((name, field))
            current = field.related_model if field.is_relation else None
    return Path(tuple(steps[:-1]), steps[-1][1], lookup, is_type)


def has_types(model: Any) -> bool:
    """Whether rows of this model are of several kinds, which `type` tells."""
    return model is not None and any(field.name == "polymorphic_ctype" for field in model._meta.get_fields())
