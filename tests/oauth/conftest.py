"""One organization with an administrator, a member and an outsider."""

from __future__ import annotations

from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.conf import live
from apps.identity.models import Organization, User
from apps.rbac import services


class People(SimpleNamespace):
    """Everyone by name, and clients that log in as they do."""

    def basic(self, name: str, password: str | None = None) -> APIClient:
        """A client with HTTP Basic."""
        text = b64encode(f"{name}:{password or 'Pw-' + name}".encode()).decode()
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Basic {text}")
        return client

    def bearer(self, token: str) -> APIClient:
        """A client with a token."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def as_(self, name: str) -> APIClient:
        """A client that is known already."""
        client = APIClient()
        client.force_authenticate(getattr(self, name))
        return client


@pytest.fixture
def people(db: None) -> Any:
    """root is a superuser, adm administers the organization, mem belongs to it, out does not."""
    live.forget()
    org = Organization.objects.create(name="Org")
    root = User.objects.create_superuser("root", password="Pw-root")
    rest = {name: User.objects.create_user(name, password=f"Pw-{name}") for name in ("adm", "mem", "out")}
    services.grant(org.role("admin_role"), user=rest["adm"])
    services.grant(org.role("member_role"), user=rest["mem"])
    yield People(org=org, root=root, **rest)
    live.forget()
