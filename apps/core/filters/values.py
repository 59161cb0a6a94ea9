"""A parameter's text to the Python value that a field and a lookup want; ValueError where it is none."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, connection, models, transaction

from .paths import is_many

TRUE, FALSE, NONE = {"true", "t", "1"}, {"false", "f", "0"}, {"none", "null"}
TEXT_LOOKUPS = {
    "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "regex", "iregex", "iexact",
}  # fmt: skip


def boolean(text: str) -> bool:
    """True, t, 1; false, f, 0; in any case."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(f"{text!r} is neither true nor false.")


def number(text: str) -> int:
    """A whole number that the database can hold."""
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"{text} is out of range.")
    return value


def one(field: Any, text: str) -> Any:
    """One value of a field."""
    if text.lower() in NONE and (field.is_relation or field.null):
        return None
    if field.is_relation or isinstance(field, models.AutoField):
        return number(text)
    if isinstance(field, models.BooleanField):
        return boolean(text)
    if isinstance(field, models.IntegerField):
        return number(text)
    if "\0" in text:
        raise ValueError("Text cannot hold a null character.")
    try:
        return field.to_python(text)
    except ModelError as error:
        raise ValueError("; ".join(error.messages)) from error


def convert(field: Any, lookup: str, text: str) -> Any:
    """The value for `field__lookup`."""
    if lookup == "isnull":
        return boolean(text)
    if lookup == "in":
        return several(field, text)
    if lookup in TEXT_LOOKUPS:
        if field.is_relation:
            raise ValueError(f"`{lookup}` compares text, and a relation is no text.")
        return pattern(field, lookup, text)
    if is_many_name(field) and not text.lstrip("-").isdecimal():
        raise ValueError("A relation is compared with an id.")
    return one(field, text)


def several(field: Any, text: str) -> list[Any]:
    """The values of `in`."""
    if not text:
        raise ValueError("`in` needs at least one value.")
    return [one(field, part) for part in text.split(",")]


def pattern(field: Any, lookup: str, text: str) -> str:
    """What a text lookup compares with."""
    if lookup == "iexact" and isinstance(field, models.IntegerField | models.BooleanField):
        raise ValueError("`iexact` compares text.")
    if "\0" in text:
        raise ValueError("Text cannot hold a null character.")
    if lookup in ("regex", "iregex"):
        check_regex(text)
    return text


def check_regex(text: str) -> None:
    """A pattern that does not compile, here or in the database, is the asker's error."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"This is no regular expression: {error}.") from error
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT '' ~ %s", [text])
    except DataError as error:
        raise ValueError("This is no regular expression that the database knows.") from error


def is_many_name(field: Any) -> bool:
    """Whether the last field is itself a relation to many."""
    return bool(field.is_relation and is_many(field))
