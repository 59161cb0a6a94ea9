"""/organizations/: who sees, changes and fills them."""

import pytest

from apps.conf import services as settings
from apps.identity.models import Organization, User
from apps.rbac import services

pytestmark = pytest.mark.django_db
URL = "/api/v2/organizations/"


@pytest.mark.parametrize(
    ("who", "sees", "changes"),
    [("admin", 200, 200), ("adm", 200, 200), ("aud", 200, 403), ("mem", 200, 403), ("out", 404, 404)],
)
def test_roles_decide_who_reads_and_who_changes(house, who, sees, changes):
    client, url = house.as_(who), f"{URL}{house.org.pk}/"
    assert client.get(url).status_code == sees
    assert client.patch(url, {"description": "x"}, format="json").status_code == changes


@pytest.mark.parametrize("who", ["adm", "aud", "mem", "out"])
def test_only_superusers_make_organizations(house, who):
    assert house.as_(who).post(URL, {"name": "new"}, format="json").status_code == 403


def test_a_new_organization_comes_with_its_roles_and_links(house):
    body = house.as_("admin").post(URL, {"name": "new", "description": "d"}, format="json").json()
    assert body["related"]["named_url"] == f"{URL}new/"
    assert body["related"]["teams"] == f"{URL}{body['id']}/teams/"
    assert body["summary_fields"]["object_roles"]["admin_role"]["user_only"] is True
    assert len(body["summary_fields"]["object_roles"]) == 13
    assert body["summary_fields"]["user_capabilities"] == {"edit": True, "delete": True}
    assert body["summary_fields"]["created_by"]["username"] == "admin"


def test_two_organizations_cannot_have_one_name(house):
    answer = house.as_("admin").post(URL, {"name": "House"}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


def test_members_come_and_go_by_id(house):
    url = f"{URL}{house.org.pk}/users/"
    assert house.as_("adm").post(url, {"id": house.out.pk}, format="json").status_code == 204
    assert house.as_("adm").get(url).json()["count"] == 2
    assert house.as_("mem").post(url, {"id": house.out.pk, "disassociate": True}, format="json").status_code == 403
    assert house.as_("adm").post(url, {"id": house.out.pk, "disassociate": False}, format="json").status_code == 204
    assert house.as_("adm").get(url).json()["count"] == 1


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"disassociate": True}, "msg"),
        ({"id": "x"}, "msg"),
        ({"id": "1"}, "msg"),
        ({"id": [1]}, "msg"),
        ({"id": 999999}, "detail"),
        ({"id": 0}, "password"),
        ({"id": ""}, "password"),
    ],
)
def test_a_wrong_id_is_a_400(house, body, key):
    answer = house.as_("admin").post(f"{URL}{house.org.pk}/users/", body, format="json")
    assert (answer.status_code, key in answer.json()) == (400, True)


def test_an_administrator_makes_users_below_his_organization_but_no_superusers(house):
    url = f"{URL}{house.org.pk}/users/"
    new = {"username": "new", "password": "Pw-new-1"}
    assert house.as_("adm").post(url, {**new, "is_superuser": True}, format="json").status_code == 403
    assert house.as_("mem").post(url, new, format="json").status_code == 403
    assert house.as_("adm").post(url, new, format="json").status_code == 201
    assert list(User.objects.get(username="new").organizations_as("member_role")) == [house.org.pk]


def test_an_administrator_takes_in_only_whom_he_could_administer_anyway(house):
    client, url = house.as_("adm"), f"{URL}{house.org.pk}/users/"
    other = Organization.objects.create(name="Other")
    helper = User.objects.create_user("helper")
    services.grant(house.team.role("member_role"), user=helper)
    stranger = User.objects.create_user("stranger")
    services.grant(other.role("member_role"), user=stranger)
    role = f"/api/v2/roles/{house.org.role('admin_role').pk}/users/"
    for person, status in ((house.out, 204), (helper, 204), (stranger, 403), (house.admin, 403)):
        assert client.post(url, {"id": person.pk}, format="json").status_code == status, person
        assert client.post(role, {"id": person.pk}, format="json").status_code == status, person
        own = f"/api/v2/users/{person.pk}/roles/"
        body = {"id": house.org.role("member_role").pk}
        assert client.post(own, body, format="json").status_code == status, person
    services.grant(house.org.role("member_role"), user=stranger)
    assert client.post(url, {"id": stranger.pk, "disassociate": True}, format="json").status_code == 403


def test_memberships_that_come_from_elsewhere_are_for_superusers(house):
    settings.change({"MANAGE_ORGANIZATION_AUTH": False})
    client, team = house.as_("adm"), f"/api/v2/teams/{house.team.pk}/"
    for role in (house.org.role("member_role"), house.org.role("read_role"), house.team.role("member_role")):
        assert client.post(f"/api/v2/users/{house.mem.pk}/roles/", {"id": role.pk}, format="json").status_code == 403
        assert client.post(f"/api/v2/roles/{role.pk}/users/", {"id": house.mem.pk}, format="json").status_code == 403
    body = {"name": "new", "organization": house.org.pk}
    assert client.post("/api/v2/teams/", body, format="json").status_code == 403
    assert client.patch(team, {"description": "x"}, format="json").status_code == 403
    assert client.delete(team).status_code == 403
    assert house.as_("admin").delete(team).status_code == 204


def test_deleting_takes_teams_along(house):
    assert house.as_("adm").delete(f"{URL}{house.org.pk}/").status_code == 204
    assert not Organization.objects.filter(pk=house.org.pk).exists()
    assert house.as_("admin").get(f"/api/v2/teams/{house.team.pk}/").status_code == 404
