"""An organization with people in different roles."""

from types import SimpleNamespace

import pytest

from apps.identity.models import Organization, Team, User
from apps.rbac import services


@pytest.fixture
def house(admin, api):
    """`house.org` with an administrator, an auditor, a member, and someone outside; `house.as_(name)` is a client."""
    org = Organization.objects.create(name="House")
    people = {name: User.objects.create_user(name, password="pw") for name in ("adm", "aud", "mem", "out")}
    for name, role in (("adm", "admin_role"), ("aud", "auditor_role"), ("mem", "member_role")):
        services.grant(org.role(role), user=people[name])
    clients = {name: api(user) for name, user in {**people, "admin": admin}.items()}
    return SimpleNamespace(
        org=org, team=Team.objects.create(name="ops", organization=org), as_=clients.__getitem__, admin=admin, **people
    )
