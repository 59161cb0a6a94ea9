"""Maps from accounts and groups to organizations and teams."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.conf.checks import HOST

ROLES = ("admins", "users", "auditors")
ORGANIZATION = {"organization_alias", "remove", *ROLES, *(f"remove_{role}" for role in ROLES)}
TEAM = {"organization", "users", "remove"}
PATTERN = re.compile(r"/(?P<pattern>.*)/(?P<flags>[im]*)\Z", re.DOTALL)


def host(value: str) -> str:
    """A host's name or address, or nothing."""
    if value and not HOST.match(value):
        raise ValidationError([f"{value!r} is neither an address nor a host name."])
    return value


def known_keys(value: Mapping[str, Any], allowed: set[str]) -> None:
    """Refuse names that nothing reads."""
    unknown = sorted(set(value) - allowed)
    if unknown:
        raise ValidationError([f"Unknown names: {', '.join(unknown)}. Known are {', '.join(sorted(allowed))}."])


def organization_map(value: dict[str, Any]) -> dict[str, Any]:
    """{organization: who administers it, belongs to it, audits it, and who leaves}."""
    for name, options in value.items():
        check_options(name, options, ORGANIZATION, ROLES)
    return value


def team_map(value: dict[str, Any]) -> dict[str, Any]:
    """{team: its organization, who belongs to it, and who leaves}."""
    for name, options in value.items():
        check_options(name, options, TEAM, ("users",))
        if not isinstance(options.get("organization"), str) or not options["organization"]:
            raise ValidationError([f"{name}: a team needs its organization."])
    return value


def check_options(name: str, options: Any, allowed: set[str], people: tuple[str, ...]) -> None:
    """One entry of a map."""
    if not name or not isinstance(options, dict):
        raise ValidationError([f"{name}: an entry is an object."])
    known_keys(options, allowed)
    for key, said in options.items():
        if key in people:
            check_people(f"{name}.{key}", said)
        elif key.startswith("remove") and not isinstance(said, bool):
            raise ValidationError([f"{name}.{key}: this must be true or false."])
        elif key == "organization_alias" and not isinstance(said, str | None):
            raise ValidationError([f"{name}.{key}: this must be text."])


def check_people(place: str, said: Any) -> None:
    """All, nobody, a name or several."""
    names = said if isinstance(said, list) else [] if said is None or isinstance(said, bool) else [said]
    for text in names:
        if not isinstance(text, str):
            raise ValidationError([f"{place}: this must be true, false, null, a text or a list of texts."])
        found = PATTERN.match(text)
        if found:
            try:
                re.compile(found["pattern"])
            except re.error as error:
                raise ValidationError([f"{place}: {text!r} is no pattern: {error}."]) from error
