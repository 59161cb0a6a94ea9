"""An organization with people in different roles."""

from types import SimpleNamespace

import pytest

from apps.identity.models import Organization, User
from apps.rbac import services

URL = "/api/v2/notification_templates/"


@pytest.fixture
def house(admin, api):
    """`house.org` with an administrator, a notification administrator, an auditor and a member."""
    org = Organization.objects.create(name="House")
    roles = {"adm": "admin_role", "bell": "notification_admin_role", "aud": "auditor_role", "mem": "member_role"}
    people = {name: User.objects.create_user(name, password="pw") for name in roles}
    for name, role in roles.items():
        services.grant(org.role(role), user=people[name])
    clients = {name: api(user) for name, user in {**people, "admin": admin}.items()}

    def post(kind, config, who="admin", **more):
        body = {"name": kind, "organization": org.pk, "notification_type": kind, "notification_configuration": config}
        return clients[who].post(URL, body | more)

    return SimpleNamespace(org=org, as_=clients.__getitem__, admin=clients["admin"], post=post, people=people)
