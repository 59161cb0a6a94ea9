"""A change through the API, and what the server itself writes to the same row while the change is checked."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.identity.models import User
from apps.instances.models import Instance
from apps.inventory.models import Host
from tests.factories import World

pytestmark = pytest.mark.django_db
V2 = "/api/v2/"


def meanwhile(monkeypatch: pytest.MonkeyPatch, model: Any, action: Any) -> None:
    """Have `action(rows)` happen between the reading of a row and its writing."""
    check = model.full_clean

    def slowly(self: Any, *args: Any, **kwargs: Any) -> None:
        check(self, *args, **kwargs)
        action(model.objects.filter(pk=self.pk))

    monkeypatch.setattr(model, "full_clean", slowly)


def instance(_world: World) -> Instance:
    """Another one than the tests' own."""
    return Instance.objects.create(hostname="other", cpu=1)


@pytest.mark.parametrize(
    ("make", "change", "written"),
    [
        (lambda world: world.make("projects"), {"description": "d"}, {"scm_revision": "b" * 40}),
        (lambda world: world.make("hosts"), {"description": "d"}, {"ansible_facts_modified": timezone.now()}),
        (instance, {"enabled": False}, {"cpu": 7}),
    ],
    ids=["project", "host", "instance"],
)
def test_a_change_leaves_alone_what_it_does_not_name(
    make: Any, change: Any, written: Any, api: Any, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make(World(admin))
    model: Any = type(row)
    meanwhile(monkeypatch, model, lambda rows: rows.update(**written))
    answer = api(admin).patch(f"{V2}{model._meta.model_name}s/{row.pk}/", change, format="json")
    assert answer.status_code == 200, answer.json()
    assert model.objects.filter(pk=row.pk, **change, **written).exists()


def test_a_row_that_is_deleted_meanwhile_stays_deleted(api: Any, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = World(admin).make("hosts")
    meanwhile(monkeypatch, Host, lambda rows: rows.delete())
    answer = api(admin).patch(f"{V2}hosts/{row.pk}/", {"description": "d"}, format="json")
    assert answer.status_code == 404
    assert not Host.objects.filter(pk=row.pk).exists()
