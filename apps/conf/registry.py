"""Every setting that exists: declared once as data in `declared/`, found here by key and by category."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

NOT_ACTED_ON = "Kept for clients that set it; awx_lite itself does not act on it."


@dataclass(frozen=True)
class Declared:
    """One setting."""

    key: str
    kind: str  # the type's name in OPTIONS: boolean, integer, string, list, choice, nested object, ...
    label: str
    help_text: str
    category: str  # the slug
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    child: str = ""  # the type of the members of a list or mapping, for OPTIONS
    secret: bool = False
    read_only: bool = False
    compute: Callable[[], Any] | None = None  # for read-only ones: where the value comes from
    nullable: bool = False
    check: Callable[[Any], Any] | None = None  # (value) -> value; raises rest_framework's ValidationError
    acted_on: bool = True

    @property
    def described(self) -> str:
        """The help text, honest about settings without effect."""
        return self.help_text if self.acted_on else f"{self.help_text} {NOT_ACTED_ON}".strip()

    def initial(self) -> Any:
        """A default of one's own, so that no caller can change everybody's."""
        return self.compute() if self.compute else copy.deepcopy(self.default)


@dataclass(frozen=True)
class Category:
    """A page of settings."""

    slug: str
    name: str


_settings: dict[str, Declared] = {}
_categories: dict[str, Category] = {}


def declare(category: Category, settings: Iterable[Declared]) -> None:
    """Add a category with its settings."""
    _categories[category.slug] = category
    for setting in settings:
        if setting.key in _settings:
            raise ImproperlyConfigured(f"The setting {setting.key} is declared twice.")
        _settings[setting.key] = setting


def find(key: str) -> Declared:
    """The setting of this name; KeyError where none is."""
    return _settings[key]


def known(key: str) -> bool:
    """Whether there is a setting of this name."""
    return key in _settings


def all_settings() -> Iterable[Declared]:
    """Every setting."""
    return _settings.values()


def in_category(slug: str) -> list[Declared]:
    """The settings of one category, in order of name."""
    return sorted((s for s in _settings.values() if s.category == slug), key=lambda s: s.key)


def categories() -> Iterable[Category]:
    """Every category that has settings."""
    return _categories.values()
