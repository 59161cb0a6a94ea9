"""An organization with people, and the managed types."""

from types import SimpleNamespace

import pytest

from apps.credentials.models import CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import Organization, Team, User
from apps.rbac import services


@pytest.fixture
def house(admin, api):
    """`house.org` with an administrator, a member and someone outside; `house.as_(name)` is a client."""
    sync_managed_types()
    org = Organization.objects.create(name="House")
    people = {name: User.objects.create_user(name, password="pw") for name in ("adm", "mem", "out")}
    for name, role in (("adm", "admin_role"), ("mem", "member_role")):
        services.grant(org.role(role), user=people[name])
    clients = {name: api(user) for name, user in {**people, "admin": admin}.items()}
    return SimpleNamespace(
        org=org,
        team=Team.objects.create(name="ops", organization=org),
        as_=clients.__getitem__,
        admin=clients["admin"],
        type_=lambda namespace: CredentialType.objects.get(namespace=namespace),
        people=people,
    )


@pytest.fixture
def make(house):
    """`make("ssh", username="x")`: a credential of the organization, made through the API; the answer's body."""

    def post(namespace, name="c", **inputs):
        body = {"name": name, "organization": house.org.pk, "credential_type": house.type_(namespace).pk}
        answer = house.admin.post("/api/v2/credentials/", {**body, "inputs": inputs})
        assert answer.status_code == 201, answer.json()
        return answer.json()

    return post
