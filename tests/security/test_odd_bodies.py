"""Whatever a body holds, nobody is answered by a 500: every writable field of every resource takes odd values."""

from __future__ import annotations

import os
from typing import Any

import pytest

from apps.core import registry
from apps.core.prefixes import ROOT
from apps.core.sublist_views import child_of
from tests.security.test_matrix import shown

pytestmark = pytest.mark.django_db
RESOURCES = {r.slug: r for r in registry.resources()}
ODD: tuple[Any, ...] = (
    None, "", "x\x00y", -1, 10**30, True, [], [None], [{"a": [1]}], {}, {"a": {"b": 1}}, "é" * 3000, "{{ 1 }}", "1e999",
)  # fmt: skip
FEW = int(os.environ.get("ODD_VALUES", "2"))
BODIES: tuple[Any, ...] = (None, {}, [], "text", 7, {"id": "x"}, {"id": None}, {"id": {}}, {"id": 10**30}, {"id": True})


def fields_of(ask: Any, path: str, method: str) -> list[str]:
    """What OPTIONS says may be written."""
    return sorted(ask("superuser", "OPTIONS", path).json().get("actions", {}).get(method, {}))


def slow(turn: int, count: int, few: int) -> list[Any]:
    """Some of the odd values; over the fields of a resource all of them have their turn."""
    return [ODD[(turn * few + i) % count] for i in range(few)]


@pytest.mark.parametrize("slug", sorted(s for s, r in RESOURCES.items() if "post" in r.list_methods))
def test_odd_values_in_new_objects_are_refused_or_taken(house, ask, slug):
    body, path = shown(house, ask, slug), f"{ROOT}{slug}/"
    for turn, field in enumerate(fields_of(ask, path, "POST")):
        for odd in slow(turn, len(ODD), FEW):
            answer = ask("superuser", "POST", path, {**body, field: odd})
            assert answer.status_code < 500, (field, odd)


@pytest.mark.parametrize(
    "slug", sorted(s for s, r in RESOURCES.items() if r.has_detail and "patch" in r.detail_methods)
)
def test_odd_values_in_changes_are_refused_or_taken(house, ask, slug):
    path = f"{ROOT}{slug}/{house[slug].pk}/"
    for turn, field in enumerate(fields_of(ask, path, "PUT")):
        for odd in slow(turn, len(ODD), FEW):
            answer = ask("superuser", "PATCH", path, {field: odd})
            assert answer.status_code < 500, (field, odd)
            if answer.status_code < 300:
                assert ask("superuser", "GET", path).status_code == 200


@pytest.mark.parametrize("slug", sorted(s for s, r in RESOURCES.items() if r.sublists or r.verbs))
def test_odd_bodies_below_an_object_are_refused(house, ask, slug):
    resource, above = RESOURCES[slug], f"{ROOT}{slug}/{house[slug].pk}/"
    paths = [f"{above}{sub.segment}/" for sub in resource.sublists if "post" in sub.methods]
    paths += [f"{above}{verb.name}/" for verb in resource.verbs]
    for path in paths:
        for body in BODIES:
            assert ask("superuser", "POST", path, body).status_code < 500, (path, body)
        for turn, field in enumerate(fields_of(ask, path, "POST")):
            for odd in slow(turn, len(ODD), 2):
                assert ask("superuser", "POST", path, {field: odd}).status_code < 500, (path, field, odd)


def test_every_child_of_a_sublist_is_known():
    for resource in RESOURCES.values():
        for sub in resource.sublists:
            assert child_of(resource, sub).slug in RESOURCES
