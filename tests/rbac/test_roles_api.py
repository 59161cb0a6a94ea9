"""/roles/, /role_definitions/, /role_user_assignments/, access_list/: both faces of the same grants."""

import pytest

from apps.identity.models import Organization, Team, User
from apps.rbac import services
from apps.rbac.models import RoleDefinition

pytestmark = pytest.mark.django_db


@pytest.fixture
def org():
    return Organization.objects.create(name="org")


@pytest.fixture
def amy():
    return User.objects.create_user("amy")


def test_a_role_is_given_and_taken_by_either_path(api, admin, org, amy):
    client, role = api(admin), org.role("auditor_role")
    assert client.post(f"/api/v2/users/{amy.pk}/roles/", {"id": role.pk}, format="json").status_code == 204
    assert client.get(f"/api/v2/roles/{role.pk}/users/").json()["results"][0]["username"] == "amy"
    assert client.get(f"/api/v2/users/{amy.pk}/roles/").json()["results"][0]["name"] == "Auditor"
    assert client.get(f"/api/v2/role_user_assignments/?user={amy.pk}").json()["count"] == 1
    gone = client.post(f"/api/v2/roles/{role.pk}/users/", {"id": amy.pk, "disassociate": True}, format="json")
    assert gone.status_code == 204
    assert client.get(f"/api/v2/role_user_assignments/?user={amy.pk}").json()["count"] == 0


def test_nobody_gives_himself_more(api, org, amy):
    services.grant(org.role("auditor_role"), user=amy)
    client = api(amy)
    for path, body in (
        (f"/api/v2/roles/{org.role('admin_role').pk}/users/", {"id": amy.pk}),
        (f"/api/v2/users/{amy.pk}/roles/", {"id": org.role("admin_role").pk}),
    ):
        assert client.post(path, body, format="json").status_code == 403
    assert not org.grants(amy, "change")


def test_membership_of_an_organization_is_not_for_teams(api, admin, org):
    team = Team.objects.create(name="t", organization=org)
    answer = api(admin).post(f"/api/v2/teams/{team.pk}/roles/", {"id": org.role("member_role").pk}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["msg"])
    answer = api(admin).post(f"/api/v2/teams/{team.pk}/roles/", {"id": org.role("read_role").pk}, format="json")
    assert answer.status_code == 204


def test_a_custom_definition_counts_from_the_first_request(api, admin, org, amy):
    client = api(admin)
    body = {"name": "rd", "content_type": "shared.organization", "permissions": ["shared.view_organization"]}
    made = client.post("/api/v2/role_definitions/", body, format="json").json()
    assert made["permissions"] == ["shared.view_organization"]
    assignment = {"user": amy.pk, "role_definition": made["id"], "object_id": org.pk}
    given = client.post("/api/v2/role_user_assignments/", assignment, format="json")
    assert given.status_code == 201
    assert given.json()["object_id"] == str(org.pk)
    assert api(amy).get(f"/api/v2/organizations/{org.pk}/").status_code == 200
    wider = {"permissions": ["shared.view_organization", "shared.change_organization"]}
    client.patch(f"/api/v2/role_definitions/{made['id']}/", wider, format="json")
    assert api(amy).patch(f"/api/v2/organizations/{org.pk}/", {"description": "x"}, format="json").status_code == 200
    assert client.delete(given.json()["url"]).status_code == 204
    assert api(amy).get(f"/api/v2/organizations/{org.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"permissions": ["awx.view_project"], "content_type": "awx.inventory"}, "permissions"),
        ({"permissions": ["awx.change_inventory"], "content_type": "awx.inventory"}, "permissions"),
        ({"permissions": ["awx.fly_inventory"], "content_type": "awx.inventory"}, "permissions"),
        ({"permissions": [], "content_type": "awx.banana"}, "content_type"),
        ({"permissions": ["awx.view_inventory"], "content_type": None}, "content_type"),
        ({"content_type": "awx.inventory"}, "permissions"),
    ],
)
def test_definitions_that_make_no_sense_are_refused_by_field(api, admin, change, field):
    answer = api(admin).post("/api/v2/role_definitions/", {"name": "x", **change}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_managed_definitions_stay(api, admin, amy):
    pk = RoleDefinition.objects.get(name="Organization Admin").pk
    assert api(admin).patch(f"/api/v2/role_definitions/{pk}/", {"name": "x"}, format="json").status_code == 400
    assert api(admin).delete(f"/api/v2/role_definitions/{pk}/").status_code == 400
    assert api(amy).get(f"/api/v2/role_definitions/{pk}/").status_code == 200
    assert api(amy).delete(f"/api/v2/role_definitions/{pk}/").status_code == 403


def test_the_access_list_says_who_and_why(api, admin, org, amy):
    team = Team.objects.create(name="t", organization=org)
    bob = User.objects.create_user("bob")
    services.grant(org.role("admin_role"), user=amy)
    services.grant(team.role("member_role"), user=bob)
    body = api(admin).get(f"/api/v2/teams/{team.pk}/access_list/?order_by=username").json()
    rows = {row["username"]: row["summary_fields"] for row in body["results"]}
    assert set(rows) == {"admin", "amy", "bob"}
    assert rows["bob"]["direct_access"][0]["role"]["name"] == "Member"
    assert rows["amy"]["indirect_access"][0]["role"]["resource_type"] == "organization"
    assert rows["admin"]["indirect_access"][0]["role"]["name"] == "System Administrator"


def test_roles_are_found_by_their_members_as_older_clients_ask(api, admin, org, amy):
    role = org.role("auditor_role")
    services.grant(role, user=amy)
    other = User.objects.create_user("other")
    find = "/api/v2/roles/?members__in="
    assert [row["id"] for row in api(admin).get(f"{find}{amy.pk}").json()["results"]] == [role.pk]
    assert api(admin).get(f"{find}{other.pk}").json()["count"] == 0
    assert api(other).get(f"{find}{amy.pk}").json()["count"] == 0
    assert api(admin).get("/api/v2/roles/?members__password=x").status_code == 403


def test_the_roles_of_the_system_are_flags_of_the_user(api, admin, amy):
    client = api(admin)
    roles = client.get("/api/v2/roles/?role_field=system_auditor").json()["results"]
    for path, body in (
        (f"/api/v2/users/{amy.pk}/roles/", {"id": roles[0]["id"]}),
        (f"/api/v2/roles/{roles[0]['id']}/users/", {"id": amy.pk}),
    ):
        assert client.post(path, body, format="json").status_code == 204
        amy.refresh_from_db()
        assert amy.is_system_auditor
        assert client.get(f"/api/v2/users/{amy.pk}/roles/").json()["results"][0]["name"] == "System Auditor"
        listed = client.get(f"/api/v2/roles/{roles[0]['id']}/users/").json()["results"]
        assert [row["username"] for row in listed] == ["amy"]
        assert client.post(path, {**body, "disassociate": True}, format="json").status_code == 204
        amy.refresh_from_db()
        assert not amy.is_system_auditor


def test_roles_stand_above_and_below_each_other(api, admin, org):
    client = api(admin)
    team = Team.objects.create(name="t", organization=org)
    services.grant(org.role("execute_role"), team=team)

    def names(role, list_):
        return {row["name"] for row in client.get(f"/api/v2/roles/{role.pk}/{list_}/").json()["results"]}

    assert names(org.role("admin_role"), "parents") == {"System Administrator"}
    assert names(org.role("member_role"), "parents") == {"Admin"}
    assert names(org.role("member_role"), "children") == {"Read"}
    assert {"Member", "Execute", "Project Admin", "Approve", "Admin"} <= names(org.role("admin_role"), "children")
    assert names(org.role("execute_role"), "parents") == {"Admin", "Member"}
    assert names(team.role("member_role"), "children") == {"Read", "Execute"}
    assert names(team.role("read_role"), "parents") == {"Admin", "Auditor", "Member"}
    assert names(org.role("read_role"), "children") == set()


@pytest.mark.parametrize(
    ("left_out", "keys"),
    [("user", {"user", "user_ansible_id"}), ("object_id", {"object_id", "object_ansible_id"})],
)
def test_an_assignment_names_who_and_what_in_one_way(api, admin, org, amy, left_out, keys):
    definition = RoleDefinition.objects.get(name="Organization Audit")
    body = {"user": amy.pk, "role_definition": definition.pk, "object_id": org.pk}
    del body[left_out]
    answer = api(admin).post("/api/v2/role_user_assignments/", body, format="json")
    assert (answer.status_code, set(answer.json())) == (400, keys)
