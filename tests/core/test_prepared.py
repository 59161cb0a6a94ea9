"""Prepared queries: the same rows as the querysets that they stand for, run after run."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import prepared
from apps.core.prepared import Given, Prepared, among
from apps.identity.models import Organization, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams() -> list[Team]:
    """Three teams of two organizations."""
    first, second = (Organization.objects.create(name=name) for name in ("first", "second"))
    pairs = (("a", first), ("b", second), ("c", first))
    return [Team.objects.create(name=name, organization=organization) for name, organization in pairs]


def test_each_run_uses_its_own_values(teams: list[Team]) -> None:
    find = Prepared(lambda: Team.objects.select_related("organization").filter(name=Given(0)))
    assert [find(name) for name in ("a", "b", "nobody", "a")] == [[teams[0]], [teams[1]], [], [teams[0]]]
    assert find("b")[0].organization.name == "second"


def test_a_list_of_ids_may_be_empty_or_long(teams: list[Team]) -> None:
    names = Prepared(lambda: Team.objects.filter(among("pk", Given(0))).order_by("name").values_list("name", flat=True))
    assert names([]) == []
    assert names([teams[2].pk, teams[0].pk, 2**40]) == ["a", "c"]


def test_values_are_never_part_of_the_text(teams: list[Team]) -> None:
    find = Prepared(lambda: Team.objects.filter(name=Given(0)))
    assert find("a' OR 'a' = 'a") == []
    assert find("%s") == []


@pytest.mark.parametrize(
    "asked",
    [
        lambda rows: rows,
        lambda rows: rows.order_by("-name"),
        lambda rows: rows.order_by("-name")[1:3],
        lambda rows: rows.order_by("-name")[:1],
        lambda rows: rows.select_related("organization"),
        lambda rows: rows.filter(name="b"),
        lambda rows: rows.values_list("name"),
        lambda rows: rows.only("name"),
        lambda rows: rows.none(),
    ],
)
def test_the_rows_of_a_table_are_those_of_its_queryset(teams: list[Team], asked: Any) -> None:
    queryset = asked(Team.objects.order_by("name"))
    for _ in range(2):
        assert prepared.rows(queryset.all()) == list(queryset.all())


def test_a_table_is_read_again_at_each_run(teams: list[Team]) -> None:
    before = prepared.rows(Team.objects.order_by("name"))
    teams[0].delete()
    assert prepared.rows(Team.objects.order_by("name")) == before[1:]


def test_joins_come_with_the_rows(teams: list[Team]) -> None:
    for _ in range(2):
        rows = prepared.rows(Team.objects.order_by("name").select_related("organization"))
        with CaptureQueriesContext(connection) as queries:
            assert [row.organization.name for row in rows] == ["first", "second", "first"]
        assert not queries.captured_queries
