"""Settings as serializer fields, made from their declarations."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from apps.core.crypto import MASK

from . import live, registry, together
from .registry import Declared

MAX_TEXT = 1024 * 1024


class AnyField(serializers.Field):
    """A value of any JSON type."""

    openapi: dict[str, Any] = {"nullable": True}

    def to_internal_value(self, data: Any) -> Any:
        """As it is."""
        return data

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class MaskedField(serializers.CharField):
    """A secret: shown as a mask; the mask sent back means that it stays."""

    def to_representation(self, value: Any) -> str:
        """The mask, or nothing where there is no secret."""
        return MASK if value else ""


class OneOrMoreField(serializers.ListField):
    """A list of texts; a single text is a list of one."""

    def run_validation(self, data: Any = empty) -> Any:
        """As a list."""
        return super().run_validation([data] if isinstance(data, str) else data)


MEMBERS: dict[str, Any] = {
    "string": lambda: serializers.CharField(allow_blank=True, trim_whitespace=False),
    "integer": serializers.IntegerField,
    "field": lambda: AnyField(allow_null=True),
    "list": lambda: OneOrMoreField(child=serializers.CharField()),
    "nested object": serializers.DictField,
}


def field_for(setting: Declared, *, read_only: bool = False) -> serializers.Field:
    """The serializer field of one setting."""
    options: dict[str, Any] = {"label": setting.label, "help_text": setting.described}
    if read_only or setting.read_only:
        options["read_only"] = True
    else:
        options["required"] = setting.required
        options["allow_null"] = setting.nullable
    return build(setting, options)


def build(setting: Declared, options: dict[str, Any]) -> serializers.Field:
    """The field of the setting's kind."""
    writable = "read_only" not in options
    if setting.kind == "string":
        if writable:
            options |= {"allow_blank": True, "allow_null": True, "max_length": MAX_TEXT}
        return (MaskedField if setting.secret else serializers.CharField)(**options)
    if setting.kind == "integer":
        return serializers.IntegerField(min_value=setting.minimum, max_value=setting.maximum, **options)
    if setting.kind == "choice":
        if writable and "" in setting.choices:
            options["allow_blank"] = True
        return serializers.ChoiceField(choices=[(c, str(c)) for c in setting.choices], **options)
    if setting.kind in ("list", "nested object"):
        cls = serializers.ListField if setting.kind == "list" else serializers.DictField
        return cls(child=MEMBERS[setting.child](), **options)
    plain = {"boolean": serializers.BooleanField, "datetime": serializers.DateTimeField, "field": AnyField}
    return plain[setting.kind](**options)


class SettingsSerializer(serializers.Serializer):
    """The settings of one page. Subclasses are made by `serializer_for`."""

    declared: dict[str, Declared] = {}

    def get_fields(self) -> dict[str, serializers.Field]:
        """A field for each setting."""
        return {key: field_for(setting) for key, setting in self.declared.items()}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The value of each setting now; secrets as a mask."""
        values = live.changed()
        return {key: shown(setting, values) for key, setting in self.declared.items()}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Typed values; secrets that come back masked are left out, null text is the default."""
        attrs = super().to_internal_value(data)
        attrs = {key: v for key, v in attrs.items() if not (self.declared[key].secret and v == MASK)}
        wrong = {}
        for key, value in attrs.items():
            setting = self.declared[key]
            if value is None and setting.kind == "string" and not setting.nullable:
                attrs[key] = setting.initial()
            elif setting.check is not None and value is not None:
                try:
                    attrs[key] = setting.check(value)
                except serializers.ValidationError as error:
                    wrong[key] = error.detail
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the settings ask of each other."""
        together.check(attrs)
        return attrs


def shown(setting: Declared, values: dict[str, Any]) -> Any:
    """A setting's value for a reader."""
    value = values[setting.key] if setting.key in values else setting.initial()
    if setting.secret:
        return MASK if value else ""
    return value


@functools.cache
def serializer_for(keys: tuple[str, ...]) -> type[SettingsSerializer]:
    """The serializer class of these settings."""
    declared = {key: registry.find(key) for key in keys}
    return type("SettingsSerializer", (SettingsSerializer,), {"declared": declared})


def keys_of(settings: Iterable[Declared]) -> tuple[str, ...]:
    """The settings' names, in order."""
    return tuple(sorted(setting.key for setting in settings))
