"""What every test may use: the servers, and API clients of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from rest_framework.test import APIClient

from tests import servers

pytest_plugins = ["tests.live", "tests.tools", "tests.workers"]


@pytest.fixture(scope="session")
def backends() -> Iterator[None]:
    """PostgreSQL and Valkey, unless DATABASE_URL and REDIS_URL name some."""
    with servers.running(settings.TEST_PLACE, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(backends: None) -> None:
    """The servers run before pytest-django makes the test database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every test database has the managed role definitions."""
    with django_db_blocker.unblock():
        restore_definitions()


def commits(item: pytest.Item) -> bool:
    """Whether the test commits, so that the database is flushed after it."""
    mark = item.get_closest_marker("django_db")
    asked = bool(mark and (mark.kwargs.get("transaction") or mark.args[:1] == (True,)))
    return asked or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Whatever test comes after a flush finds the role definitions again."""
    try:
        return (yield)
    finally:
        if nextitem is not None and commits(item):
            from pytest_django.plugin import blocking_manager_key

            with item.config.stash[blocking_manager_key].unblock():
                restore_definitions()


def restore_definitions() -> None:
    """The managed role definitions, in a database whose content types have new ids."""
    from django.contrib.contenttypes.models import ContentType

    from apps.rbac.services import sync_definitions

    ContentType.objects.clear_cache()
    sync_definitions()


@pytest.fixture
def valkey(backends: None) -> Iterator[redis.Redis]:
    """The Valkey of this session as a client."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_valkey(request: pytest.FixtureRequest) -> Iterator[None]:
    """No cached value and no queued task of one test reaches the next."""
    from apps.conf import live

    live.forget()
    yield
    if {"db", "transactional_db", "valkey"} & set(request.fixturenames) and settings.EMBEDDED_VALKEY:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushall()


@pytest.fixture
def admin(db: None) -> Any:
    """A superuser named admin."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_superuser(username="admin", password="admin", email="admin@example.com")


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """`api(user)` is that person's client, `api()` an anonymous one; requests and answers are JSON."""

    def client_of(user: Any = None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return client_of
