"""OPTIONS: what the awx command and form builders read, as AWX words it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import connection, models
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.fields import empty
from rest_framework.metadata import BaseMetadata
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, RelatedField

from . import registry
from .fields import VariablesField

if TYPE_CHECKING:
    from .resources import Resource
    from .sublist_views import SubListView

TYPES: tuple[tuple[type, str], ...] = (
    (serializers.BooleanField, "boolean"),
    (serializers.DateTimeField, "datetime"),
    (serializers.DateField, "date"),
    (serializers.IntegerField, "integer"),
    (serializers.FloatField, "decimal"),
    (serializers.DecimalField, "decimal"),
    (serializers.MultipleChoiceField, "multiple choice"),
    (serializers.ChoiceField, "choice"),
    (serializers.JSONField, "json"),
    (serializers.ListSerializer, "list"),
    (serializers.ListField, "list"),
    (serializers.BaseSerializer, "nested object"),
    (serializers.DictField, "nested object"),
    (ManyRelatedField, "field"),
    (RelatedField, "id"),
    (serializers.CharField, "string"),
    (serializers.UUIDField, "string"),
)
ENVELOPE = {"url": "string", "related": "object", "summary_fields": "object"}
COUNTS = (models.PositiveIntegerField, models.PositiveBigIntegerField)  # read-only ones keep no validator to ask
LIMITS = ("min_length", "max_length", "min_value", "max_value")


def type_name(field: serializers.Field) -> str:
    """The word for a field's type."""
    return next((name for cls, name in TYPES if isinstance(field, cls)), "field")


def is_resource(view: Any) -> bool:
    """Whether the view is a resource; asked late, because DRF loads this module before its views exist."""
    from .resources import Resource

    return isinstance(view, Resource)


def is_sublist(view: Any) -> bool:
    """Whether the view is the list below an object."""
    from .sublist_views import SubListView

    return isinstance(view, SubListView)


class Metadata(BaseMetadata):
    """name, description, renders, parses, actions, types, search_fields, related_search_fields, object_roles."""

    def determine_metadata(self, request: Any, view: Any) -> dict[str, Any]:
        """The answer to OPTIONS."""
        body: dict[str, Any] = {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
        }
        if getattr(view, "get_serializer", None):
            actions = self.actions(request, view)
            if actions:
                body["actions"] = actions
        return body | self.about(view)

    def about(self, view: Any) -> dict[str, Any]:
        """What is said of the objects behind the path."""
        resource = getattr(view, "resource", None) or (type(view) if is_resource(view) else None)
        if resource is None:
            pages = getattr(view, "pagination_class", None)
            return {"max_page_size": pages.max_page_size} if pages else {}
        body: dict[str, Any] = {"types": list(getattr(view, "kinds", ())) or resource.types()}
        roles = getattr(resource.model, "role_fields", None)
        if roles:
            body["object_roles"] = list(roles)
        if is_resource(view) and not view.detail:
            body |= {
                "max_page_size": view.pagination_class.max_page_size,
                "search_fields": sorted(view.search),
                "related_search_fields": related_search(view.model),
            }
        if is_sublist(view) and view.model.__name__ == "ObjectRole":
            body.pop("object_roles", None)
        return body

    def actions(self, request: Any, view: Any) -> dict[str, Any]:
        """GET, and POST or PUT where the user may."""
        out, methods = {}, set(view.allowed_methods)
        for method in ("GET", "PUT", "POST"):
            if method not in methods or not self.offered(request, view, method):
                continue
            serializer = self.serializer(view, method)
            if serializer is not None:
                out[method] = self.fields(serializer, view, method)
        return out

    @staticmethod
    def serializer(view: Any, method: str) -> Any:
        """The serializer that the method uses."""
        special = getattr(view, "metadata_serializer", None)
        if special is not None:
            return special(method)
        return view.get_serializer() if view.get_serializer_class() is not None else None

    @staticmethod
    def offered(request: Any, view: Any, method: str) -> bool:
        """Whether the user may use the method here; GET is always described."""
        if method == "GET" or request.user.is_superuser:
            return method != "PUT" or exists(view)
        if is_sublist(view):
            return may_write_below(view)
        return not is_resource(view) or may_write(view, request.user, method)

    def fields(self, serializer: Any, view: Any, method: str) -> dict[str, Any]:
        """Every field of one action."""
        sub = getattr(view, "sub", None)
        if method == "POST" and sub is not None and sub.attach and not sub.create:
            return link_fields(bare=sub.bare_body)
        serializer = getattr(serializer, "child", serializer)
        out = {}
        for name, field in serializer.fields.items():
            if isinstance(field, serializers.HiddenField):
                continue
            if (method == "GET" and field.write_only) or (method != "GET" and field.read_only):
                continue
            out[name] = self.field(field, name, serializer, view, method)
        if method == "POST" and sub is not None and sub.attach:
            out = link_fields() | out
        adjust = getattr(view, "adjust_metadata", None)
        return adjust(out, method) if adjust else out

    def field(self, field: Any, name: str, serializer: Any, view: Any, method: str) -> dict[str, Any]:
        """All facts of one field."""
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        resource = getattr(view, "resource", None) or (type(view) if is_resource(view) else None)
        info: dict[str, Any] = {"type": self.type_of(field, name, model, resource)}
        if method != "GET":
            info["required"] = bool(field.required)
            default = default_of(field, name, model)
            if default is not empty:
                info["default"] = default
        info |= column_limits(model_field(model, name)) | described(field, name, method)
        if method == "GET" and info["type"] == "integer" and isinstance(model_field(model, name), COUNTS):
            info.setdefault("min_value", 0)
        kinds = list(getattr(view, "kinds", ()) or (resource.types() if resource is not None else ()))
        self.choices(info, field, name, kinds)
        child = getattr(field, "child", None)
        if child is not None:
            info["child"] = {"type": type_name(child)}
        if model is not None and resource is not None:
            filterable = is_filterable(model, name, resource)
            if filterable is not None:
                info["filterable"] = filterable
        return info

    @staticmethod
    def type_of(field: Any, name: str, model: Any, resource: Any) -> str:
        """The type's word: by the resource's own say, by name, by the model's column, by the field's class."""
        said = resource.type_of(name) if resource is not None else None
        if said:
            return said
        if name in ENVELOPE and field.read_only:
            return ENVELOPE[name]
        if name == "type" and field.read_only:
            return "choice"
        column = model_field(model, name)
        if isinstance(column, VariablesField | models.JSONField):
            return "json"
        return type_name(field)

    @staticmethod
    def choices(info: dict[str, Any], field: Any, name: str, kinds: list[str]) -> None:
        """[[value, label], …]; `type` offers the names of the listed kinds."""
        if name == "type" and info["type"] == "choice" and kinds:
            info["choices"] = [[kind, kind.replace("_", " ").title()] for kind in kinds]
        elif isinstance(field, serializers.ChoiceField) and not isinstance(field, PrimaryKeyRelatedField):
            pairs = [[value, str(label)] for value, label in field.choices.items()]
            if field.allow_blank and not any(value == "" for value, _ in pairs):
                pairs.insert(0, ["", "---------"])
            info["choices"] = pairs


def column_limits(column: Any) -> dict[str, int]:
    """The range of a whole number: that of its column where it may be edited, not below zero where it never is."""
    if not isinstance(column, models.IntegerField) or isinstance(column, models.AutoField) or column.choices:
        return {}
    low, high = connection.ops.integer_field_range(column.get_internal_type())
    if column.editable and low is not None and high is not None:
        return {"min_value": low, "max_value": high}
    return {"min_value": 0} if isinstance(column, models.PositiveIntegerField) else {}


def described(field: Any, name: str, method: str) -> dict[str, Any]:
    """Label, help text and limits; lengths matter only to whoever writes."""
    info: dict[str, Any] = {"label": str(field.label or name.replace("_", " ").title())}
    if field.help_text:
        info["help_text"] = str(field.help_text)
    if field.write_only:
        info["write_only"] = True
    for limit in LIMITS:
        value = getattr(field, limit, None)
        if value is not None and (limit.endswith("value") or method != "GET"):
            info[limit] = value
    return info


def exists(view: Any) -> bool:
    """Whether the object of a detail is there for this user."""
    if not is_resource(view):
        return True
    try:
        view.get_object()
    except (Http404, PermissionDenied, APIException):
        return False
    return True


def may_write(view: Resource, user: Any, method: str) -> bool:
    """Whether the user may create in this list, or change this object."""
    access = view.access_for(user)
    if method == "POST":
        offers = getattr(access, "offers_add", None)
        return offers() if offers else bool(access.needs)
    try:
        return access.may("change", view.get_object())
    except (Http404, PermissionDenied, APIException):
        return False


def may_write_below(view: SubListView) -> bool:
    """Whether the user may link or create in this sub-list."""
    try:
        parent = view.get_parent()
    except (Http404, PermissionDenied):
        return False
    return view.parent.access_for(view.request.user).may_create_in(parent, view.sub)


def link_fields(*, bare: bool = False) -> dict[str, Any]:
    """What a list takes that links: the id; `bare` describes it as AWX does for roles."""
    known = {"type": "integer", "label": "ID", "help_text": "The id of the object to link or to unlink."}
    if not bare:
        return {"id": known | {"required": False, "filterable": True}}
    end = {"type": "integer", "label": "Disassociate", "help_text": "Given at all: unlink instead."}
    return {"id": known, "disassociate": end}


def model_field(model: Any, name: str) -> Any:
    """The model's column of this name, or None."""
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def default_of(field: Any, name: str, model: Any) -> Any:
    """The default of a writable field: its own, else the column's; `empty` where there is none."""
    if field.default is not empty:
        return field.default() if callable(field.default) else field.default
    column = model_field(model, field.source if isinstance(field.source, str) else name)
    if column is not None and column.concrete and column.has_default() and not field.required:
        value = column.get_default()
        if not (value is None and column.is_relation):
            return value
    return empty


def is_filterable(model: Any, name: str, resource: Any) -> bool | None:
    """Whether ?name= works; None where nothing is said (`type` of a list of one kind)."""
    if name == "type":
        return True if getattr(model, "polymorphic_model_marker", False) else None
    if name in resource.unfilterable:
        return False
    column = model_field(model, name)
    return bool(column is not None and column.concrete and not column.many_to_many)


def related_search(model: Any) -> list[str]:
    """The relations that `?<name>__search=` follows."""
    names = set()
    for field in model._meta.get_fields():
        shown = field.is_relation and field.related_model and not getattr(field, "hidden", False)
        if shown and registry.find_model(field.related_model):
            names.add(f"{field.name}__search")
    return sorted(names)
