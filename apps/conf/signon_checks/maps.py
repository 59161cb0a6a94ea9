"""Maps from accounts and groups to organizations and teams."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


def each(value: Mapping[str, Any], wrong_with: Callable[[Any], dict[str, list[str]]]) -> None:
    """Ask every entry of a mapping; what is wrong is told by entry and name."""
    wrong = {name: found for name, entry in value.items() if (found := wrong_with(entry))}
    if wrong:
        raise ValidationError(wrong)


def organization_map(value: dict[str, Any]) -> dict[str, Any]:
    """{organization: who administers it, belongs to it, audits it, and who leaves}."""
    each(value, lambda options: wrong_options(options, ORGANIZATION, ROLES))
    return value


def team_map(value: dict[str, Any]) -> dict[str, Any]:
    """{team: its organization, who belongs to it, and who leaves}."""
    each(value, wrong_team)
    return value


def wrong_team(options: Any) -> dict[str, list[str]]:
    """What is wrong with a team's entry."""
    wrong = wrong_options(options, TEAM, ("users",))
    if not isinstance(options.get("organization"), str) or not options["organization"]:
        wrong["organization"] = ["A team needs its organization."]
    return wrong


def wrong_options(options: dict[str, Any], allowed: set[str], people: tuple[str, ...]) -> dict[str, list[str]]:
    """What is wrong with one entry of a map, by name."""
    wrong = {key: ["This is not known here."] for key in options if key not in allowed}
    for key, said in options.items():
        if key in people:
            wrong |= {key: [found]} if (found := wrong_people(said)) else {}
        elif key.startswith("remove") and key in allowed and not isinstance(said, bool):
            wrong[key] = ["This must be true or false."]
        elif key == "organization_alias" and not isinstance(said, str | None):
            wrong[key] = ["This must be text."]
    return wrong


def wrong_people(said: Any) -> str:
    """All, nobody, a name or several: what is wrong with them, or nothing."""
    names = said if isinstance(said, list) else [] if said is None or isinstance(said, bool) else [said]
    for text in names:
        if not isinstance(text, str):
            return "This must be true, false, null, a text or a list of texts."
        found = PATTERN.match(text)
        if found:
            try:
                re.compile(found["pattern"])
            except re.error as error:
                return f"{text!r} is no pattern: {error}."
    return ""
