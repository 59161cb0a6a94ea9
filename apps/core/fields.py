"""Model and serializer fields with a meaning of their own: secrets, and text that holds JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers

from . import crypto


class JSONValue(serializers.ReadOnlyField):
    """A shown value whose form `openapi` says, where no serializer stands behind it."""

    def __init__(self, openapi: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.openapi = openapi


NAMES = {"type": "array", "items": {"type": "string"}}
IDS = {"type": "array", "items": {"type": "integer"}}
OBJECT = {"type": "object", "additionalProperties": {}}


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and plain in Python. It is never filterable and never shown."""

    secret = True

    @property
    def label(self) -> str:
        """What binds a ciphertext to this column."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt on load."""
        return value if value is None else crypto.decrypt(value, self.label)

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on save."""
        value = super().get_prep_value(value)
        return value if value is None else crypto.encrypt(value, self.label)


class EncryptedJSONField(EncryptedTextField):
    """A mapping that is encrypted as a whole in the database (inputs of credentials, settings of notifications)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Decrypt and parse on load."""
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else {}

    def get_prep_value(self, value: Any) -> Any:
        """Write as JSON, then encrypt."""
        return crypto.encrypt(json.dumps(value or {}), self.label)

    def to_python(self, value: Any) -> Any:
        """A mapping, also from the text of a fixture."""
        return json.loads(value) if isinstance(value, str) and value else value

    def value_to_string(self, obj: Any) -> str:
        """The mapping as JSON, for serialised fixtures."""
        return json.dumps(self.value_from_object(obj))


MOST_VALUES = 1_000_000  # of one text of variables
FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has libyaml


class UniqueKeyLoader(FastLoader):
    """YAML as Ansible reads variables, without dates turned into objects that JSON cannot hold."""


UniqueKeyLoader.yaml_implicit_resolvers = {
    key: list(resolvers) for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_variables(text: Any) -> dict[str, Any]:
    """The mapping that a text of variables (JSON or YAML) stands for; ValidationError where it is none.

    A duplicate key: the last one wins, as in JSON. Dates are refused, since JSON has none.
    """
    if text in (None, ""):
        return {}
    if isinstance(text, dict):
        return text
    if not isinstance(text, str | bytes):
        raise ValidationError("This must be a mapping of names to values.")
    value = load_variables(text)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValidationError("This must be a mapping of names to values.")
    try:
        if expanded(value, {}) > MOST_VALUES:
            raise ValidationError("This holds too many values.")
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()  # half a character has no form either
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError("This holds a value that JSON has no form for, such as a date.") from error
    return value


def load_variables(text: str | bytes) -> Any:
    """JSON, or else YAML."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return yaml.load(text, UniqueKeyLoader)  # noqa: S506  (a subclass of SafeLoader)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise ValidationError("This is neither JSON nor YAML.") from error


def expanded(value: Any, known: dict[int, int]) -> int:
    """How many values there are once YAML's aliases are written out: some lines of them can stand for billions."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 1  # a circle is left to JSON, which refuses it
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(expanded(item, known) for item in inner)
    return known[id(value)]


def validate_variables(text: str) -> None:
    """Model validator of texts that hold variables."""
    parse_variables(text)


class VariablesField(models.TextField):
    """Text with JSON or YAML variables, stored as the client wrote it; OPTIONS calls its type `json`."""

    default_validators = [validate_variables]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
