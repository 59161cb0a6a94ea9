"""An inventory with people in different roles."""

from types import SimpleNamespace

import pytest

from apps.identity.models import Organization, User
from apps.inventory.models import Group, Host, Inventory
from apps.rbac import services

ROLES = {"adm": "admin_role", "hoc": "adhoc_role", "upd": "update_role", "use": "use_role", "rea": "read_role"}


@pytest.fixture
def farm(admin, api):
    """`farm.inventory` in `farm.org`; `farm.as_(name)` is a client: admin, oa (of the organization), ROLES, out."""
    org = Organization.objects.create(name="Farm")
    inventory = Inventory.objects.create(name="barn", organization=org)
    people = {name: User.objects.create_user(name, password="pw") for name in ("oa", *ROLES, "out")}
    services.grant(org.role("admin_role"), user=people["oa"])
    for name, role in ROLES.items():
        services.grant(inventory.role(role), user=people[name])
    clients = {name: api(user) for name, user in {**people, "admin": admin}.items()}

    def host(name, **columns):
        return Host.objects.create(**({"name": name, "inventory": inventory} | columns))

    def group(name, *hosts, children=(), **columns):
        made = Group.objects.create(**({"name": name, "inventory": inventory} | columns))
        made.hosts.add(*hosts)
        made.children.add(*children)
        return made

    return SimpleNamespace(
        org=org, inventory=inventory, as_=clients.__getitem__, admin=admin, host=host, group=group, **people
    )
