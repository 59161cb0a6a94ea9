"""A house with one of everything, made once and never changed: every request is rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction
from rest_framework.test import APIClient

from apps.conf import live
from tests.security.objects import House


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """One of everything within a transaction that is rolled back at the end."""
    from django.contrib.auth import get_user_model

    live.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        made = House(get_user_model().objects.create_superuser("the_owner", password="x"))
        made.fill()
        made.clients = {}
        for role in (*made.people, "anonymous"):
            client = APIClient(raise_request_exception=True)
            if role in made.people:
                client.force_authenticate(made.people[role])
            made.clients[role] = client
        yield made
        transaction.set_rollback(True)
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.flushall()


@pytest.fixture
def ask(house: House, django_db_blocker: Any) -> Iterator[Callable[..., Any]]:
    """`ask("reader", "GET", path, body)`: the answer; whatever the request did is undone."""

    def request(role: str, method: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        with transaction.atomic():
            answer = getattr(house.clients[role], method.lower())(path, **sent)
            transaction.set_rollback(True)
        return answer

    with django_db_blocker.unblock():
        yield request
