"""What every resource's JSON has in common: id, type, url, related, summary_fields, created, modified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as ModelError
from django.db import models
from rest_framework import serializers
from rest_framework.fields import SkipField
from rest_framework.utils.model_meta import get_field_info
from rest_framework.validators import UniqueValidator

from . import errors, links, named_urls, registry
from .fields import EncryptedTextField, VariablesField
from .summaries import Summaries, fields_for

COMMON = ("id", "type", "url", "related", "summary_fields", "created", "modified")
NAMED = (*COMMON, "name", "description")
Reader = Callable[[Any, Any], Any]


def iso(value: datetime | None) -> str | None:
    """A time as the API writes it: ISO 8601, UTC, `Z`."""
    if value is None:
        return None
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


class PageSerializer(serializers.ListSerializer):
    """A page of objects: everything that needs the database is fetched for all of them at once."""

    def to_representation(self, data: Any) -> list[Any]:
        """Prepare the whole page, then write each object."""
        objects = list(data.all() if isinstance(data, models.Manager) else data)
        self.child.prepare(objects)
        return [self.child.to_representation(obj) for obj in objects]


class ResourceSerializer(serializers.ModelSerializer):
    """A ModelSerializer that reads fast and writes through the model's own validation.

    `Meta` may name, beside DRF's options:
    - `summaries`: {foreign key: tuple of fields} where the target's own `summary` is not meant; None hides one.
    - `capabilities`: {shown name: action} for `user_capabilities`.
    - `unlinked`: foreign keys that get no entry in `related`.
    Hooks: `links(obj)` adds to `related`; `summarize(objects)` returns {pk: {name: value}} for a whole page.
    """

    type = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    related = serializers.SerializerMethodField()
    summary_fields = serializers.SerializerMethodField()

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        EncryptedTextField: serializers.CharField,
        VariablesField: serializers.CharField,
    }
    _plans: ClassVar[dict[type, list[tuple[str, Reader]]]] = {}
    _links: ClassVar[dict[type, dict[str, Any]]] = {}
    _prepared: dict[Any, dict[str, Any]] | None = None

    class Meta:
        list_serializer_class = PageSerializer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "Meta" in cls.__dict__ and not hasattr(cls.Meta, "list_serializer_class"):
            cls.Meta.list_serializer_class = PageSerializer

    # --- reading -------------------------------------------------------------------------------------------------

    @property
    def user(self) -> Any:
        """Who asks."""
        return self.context["request"].user

    @classmethod
    def resource(cls) -> Any:
        """The resource of this serializer's model."""
        return registry.for_model(cls.Meta.model)

    @classmethod
    def plan(cls) -> list[tuple[str, Reader]]:
        """How each shown field is read: worked out once a class; building DRF's fields costs more than a query."""
        if cls not in cls._plans:
            fields = cls().fields
            cls._plans[cls] = [(name, reader(field)) for name, field in fields.items() if not field.write_only]
        return cls._plans[cls]

    @classmethod
    def summary_links(cls) -> dict[str, tuple[str, type[models.Model], tuple[str, ...]]]:
        """The foreign keys to summarise: shown name -> (attribute, target, fields)."""
        if cls not in cls._links:
            given: Mapping[str, Any] = getattr(cls.Meta, "summaries", {})
            shown, found = set(cls.Meta.fields) | {"created_by", "modified_by"} | set(given), {}
            for field in cls.Meta.model._meta.concrete_fields:
                if field.is_relation and field.name in shown and field.related_model:
                    fields = given[field.name] if field.name in given else fields_for(field.related_model)
                    if fields:
                        found[field.name] = (field.attname, field.related_model, fields)
            cls._links[cls] = found
        return cls._links[cls]

    def prepare(self, objects: Iterable[Any]) -> None:
        """Fetch what a page of objects needs beyond their own rows, in a constant number of queries."""
        objects = list(objects)
        batch = Summaries(self.summary_links(), objects)
        prepared = {obj.pk: batch.of(obj) for obj in objects}
        for source in (getattr(self.Meta.model, "summarize_roles", None), self.summarize, self.capabilities):
            if source is not None and objects:
                for pk, entries in source(objects).items():
                    prepared[pk].update(entries)
        self._prepared = prepared

    def capabilities(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`user_capabilities`, asked of the access rules for the whole page."""
        wanted = getattr(self.Meta, "capabilities", None)
        if not wanted:
            return {}
        found = self.resource().access_for(self.user).capabilities(objects, wanted)
        return {pk: {"user_capabilities": granted} for pk, granted in found.items()}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Further entries of `summary_fields`: {pk: {name: value}}. For subclasses."""
        return {}

    def links(self, obj: Any) -> dict[str, str]:
        """Further entries of `related`; an entry of None removes one. For subclasses."""
        return {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The object as JSON."""
        if self._prepared is None or instance.pk not in self._prepared:
            self.prepare([instance])
        out = {}
        for name, read in self.plan():
            try:
                out[name] = read(self, instance)
            except SkipField:
                continue
        return out

    def get_type(self, obj: Any) -> str:
        """The model's name in the API: `job_template`."""
        return registry.for_model(type(obj)).type_name(type(obj))

    def get_url(self, obj: Any) -> str:
        """Where the object itself is."""
        return f"{links.list_url(self.resource_of(obj).slug)}{obj.pk}/"

    def resource_of(self, obj: Any) -> Any:
        """The resource under which the object is shown."""
        return self.resource()

    def get_summary_fields(self, obj: Any) -> dict[str, Any]:
        """What was prepared for this object."""
        return (self._prepared or {})[obj.pk]

    def get_related(self, obj: Any) -> dict[str, str]:
        """Links to what it points to, what hangs below it, and what may be done with it."""
        resource, url = self.resource_of(obj), self.get_url(obj)
        out: dict[str, str | None] = {}
        name = named_urls.identifier(obj, resource) if self.context.get("detail") else None
        if name:
            out["named_url"] = f"{links.list_url(resource.slug)}{name}/"
        for field, attname, target in resource.link_fields(type(self)):
            value = getattr(obj, attname)
            if value is not None:
                out[field] = f"{links.list_url(target)}{value}/"
        for segment in resource.segments():
            out[segment] = f"{url}{segment}/"
        out |= self.links(obj)
        return {key: value for key, value in out.items() if value is not None}

    # --- writing -------------------------------------------------------------------------------------------------

    def get_validators(self) -> list[Any]:
        """None of DRF's own: the model validates, and its errors have AWX's shape."""
        return []

    def get_uniqueness_extra_kwargs(self, field_names: Any, declared_fields: Any, extra_kwargs: Any) -> Any:
        """Uniqueness is the model's affair: it changes neither what is required nor what is the default."""
        return extra_kwargs, {}

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """DRF's field, with text that is trimmed and may be null where the model allows it to be empty."""
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        kept = [v for v in kwargs.pop("validators", []) if not isinstance(v, UniqueValidator)]
        if kept:
            kwargs["validators"] = kept
        if isinstance(model_field, models.CharField | models.TextField) and model_field.blank:
            kwargs["allow_null"] = True
        return field_class, kwargs

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Null text means empty text, an empty foreign key means none."""
        attrs = super().to_internal_value(data)
        for name, value in attrs.items():
            if value is None and name in self.text_fields():
                attrs[name] = ""
        return attrs

    @classmethod
    def text_fields(cls) -> set[str]:
        """Names of the model's text columns that cannot be null."""
        fields = cls.Meta.model._meta.concrete_fields
        return {f.name for f in fields if isinstance(f, models.CharField | models.TextField) and not f.null}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Build the object as it would be and let the model check it; PUT resets what it does not name."""
        attrs = super().validate(attrs)
        if self.instance is not None and not self.partial:
            attrs = self.defaults() | attrs
        columns = {f.name for f in self.Meta.model._meta.concrete_fields}
        candidate = self.instance or self.Meta.model()
        kept = {name: getattr(candidate, name) for name in attrs if name in columns and self.instance is not None}
        for name, value in attrs.items():
            if name in columns:
                setattr(candidate, name, value)
        try:
            candidate.full_clean(exclude=self.unchecked())
        except ModelError as error:
            raise serializers.ValidationError(errors.model_errors(error)) from error
        finally:
            for name, value in kept.items():
                setattr(candidate, name, value)
        return attrs

    def unchecked(self) -> set[str]:
        """Columns that the client cannot set: their values are the server's own."""
        writable = {f.source for f in self.fields.values() if not f.read_only}
        return {f.name for f in self.Meta.model._meta.concrete_fields if f.name not in writable}

    def defaults(self) -> dict[str, Any]:
        """The model's defaults of the writable columns, for PUT."""
        info, out = get_field_info(self.Meta.model).fields, {}
        for name, field in self.fields.items():
            column = info.get(name)
            if column is not None and not field.read_only and column.has_default() and not field.required:
                out[name] = column.get_default()
        return out


def reader(field: serializers.Field) -> Reader:
    """The fastest way to read one field of an object."""
    if isinstance(field, serializers.SerializerMethodField):
        name = field.method_name
        return lambda serializer, obj: getattr(serializer, name)(obj)
    if isinstance(field, serializers.PrimaryKeyRelatedField) and "." not in field.source:
        attname = f"{field.source}_id"
        return lambda serializer, obj: getattr(obj, attname)
    plain = type(field) in (
        serializers.CharField,
        serializers.IntegerField,
        serializers.BooleanField,
        serializers.ChoiceField,
        serializers.EmailField,
        serializers.RegexField,
    )
    source = field.source
    if "." not in source:
        if plain:
            return lambda serializer, obj: getattr(obj, source)
        if type(field) is serializers.DateTimeField:
            return lambda serializer, obj: iso(getattr(obj, source))

    def general(serializer: Any, obj: Any) -> Any:
        value = field.get_attribute(obj)
        return None if value is None else field.to_representation(value)

    return general
