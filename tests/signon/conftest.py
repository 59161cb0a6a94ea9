"""A directory, and settings that name it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.conf import live, services

from . import slapd as directories

BASE = directories.BASE
PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"


@pytest.fixture(scope="session")
def slapd() -> Iterator[directories.Slapd]:
    """OpenLDAP."""
    with directories.running() as running:
        yield running


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No password that one test found right counts in the next."""
    from apps.identity.authentication import verified

    live.forget()
    verified.clear()
    yield
    verified.clear()
    live.forget()


@pytest.fixture
def ldap(db: None, slapd: directories.Slapd) -> Callable[..., dict[str, Any]]:
    """`ldap(REQUIRE_GROUP=…)` configures the directory; `prefix` names another family of settings."""

    def configure(prefix: str = "AUTH_LDAP_", **further: Any) -> dict[str, Any]:
        values = {
            "SERVER_URI": slapd.url,
            "BIND_DN": directories.ROOT,
            "BIND_PASSWORD": directories.ROOT_PASSWORD,
            "USER_SEARCH": [PEOPLE, "SCOPE_SUBTREE", "(uid=%(user)s)"],
            "GROUP_SEARCH": [GROUPS, "SCOPE_SUBTREE", "(objectClass=*)"],
            "USER_ATTR_MAP": {"first_name": "givenName", "last_name": "sn", "email": "mail"},
        } | further
        named = {f"{prefix}{name}": value for name, value in values.items()}
        services.change(named)
        return named

    return configure


def basic(name: str, password: str = "") -> APIClient:
    """A client with HTTP Basic; everybody's password is Pw- and the name unless another is given."""
    client = APIClient()
    text = b64encode(f"{name}:{password or f'Pw-{name}'}".encode()).decode()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {text}")
    return client


def me(name: str, password: str = "") -> Any:
    """What /me/ answers to somebody with HTTP Basic."""
    return basic(name, password).get("/api/v2/me/")
