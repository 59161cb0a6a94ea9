"""/users/ and /me/: passwords, flags, who sees and changes whom."""

import pytest

from apps.conf import services
from apps.identity.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v2/users/"


def test_a_password_is_written_and_never_read(house):
    client = house.as_("admin")
    body = client.post(URL, {"username": "amy", "password": "Pw-amy-1"}, format="json").json()
    assert body["password"] == "$encrypted$"
    assert "Pw-amy-1" not in str(client.get(URL).json())
    amy = User.objects.get(username="amy")
    assert amy.check_password("Pw-amy-1")
    client.patch(f"{URL}{amy.pk}/", {"password": "$encrypted$"}, format="json")
    amy.refresh_from_db()
    assert amy.check_password("Pw-amy-1")
    client.patch(f"{URL}{amy.pk}/", {"password": "New-1"}, format="json")
    amy.refresh_from_db()
    assert amy.check_password("New-1")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "x"}, "password"), ({"username": "x", "password": ""}, "password"),
        ({"password": "x"}, "username"),
        ({"username": "adm", "password": "x"}, "username"), ({"username": "sp ce*", "password": "x"}, "username"),
        ({"username": "x", "password": "x", "email": "nope"}, "email"),
        ({"username": "u" * 151, "password": "x"}, "username"),
    ],
)  # fmt: skip
def test_bad_users_are_refused_by_field(house, body, field):
    answer = house.as_("admin").post(URL, body, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_people_change_themselves_but_neither_name_nor_flags(house):
    client, url = house.as_("mem"), f"{URL}{house.mem.pk}/"
    assert client.patch(url, {"first_name": "M"}, format="json").json()["first_name"] == "M"
    assert client.patch(url, {"username": "m2"}, format="json").status_code == 403
    assert client.patch(url, {"is_superuser": True}, format="json").status_code == 403
    assert client.patch(url, {"is_superuser": False}, format="json").status_code == 200
    assert client.delete(url).status_code == 403


def test_who_sees_whom(house):
    def seen(who):
        return {row["username"] for row in house.as_(who).get(URL).json()["results"]}

    assert seen("mem") == {"mem", "admin"}
    assert seen("out") == {"out", "admin"}
    assert seen("adm") == {"adm", "aud", "mem", "out", "admin"}
    assert house.as_("out").get(f"{URL}{house.mem.pk}/").status_code == 404


def test_organization_administrators_edit_their_members_only(house):
    client = house.as_("adm")
    assert client.patch(f"{URL}{house.mem.pk}/", {"first_name": "x"}, format="json").status_code == 200
    assert client.patch(f"{URL}{house.out.pk}/", {"first_name": "x"}, format="json").status_code == 403
    assert client.patch(f"{URL}{house.admin.pk}/", {"first_name": "x"}, format="json").status_code == 403
    assert client.delete(f"{URL}{house.out.pk}/").status_code == 204


def test_a_user_without_anything_lacks_name_and_password(house):
    answer = house.as_("admin").post(URL, {}, format="json")
    assert (answer.status_code, set(answer.json())) == (400, {"username", "password"})


def test_an_empty_password_changes_nothing_since_exports_have_it(house):
    client, url = house.as_("admin"), f"{URL}{house.mem.pk}/"
    assert client.patch(url, {"password": None}, format="json").status_code == 400
    assert client.put(url, {"username": "mem", "password": ""}, format="json").status_code == 200
    house.mem.refresh_from_db()
    assert house.mem.check_password("pw")


def test_administrators_of_organizations_are_shown_how_users_are_made(house):
    shown = {who: set(house.as_(who).options(URL).json()["actions"]) for who in ("admin", "adm", "mem")}
    assert shown == {"admin": {"GET", "POST"}, "adm": {"GET", "POST"}, "mem": {"GET"}}


def test_an_administrator_of_his_organizations_renames_himself(house):
    assert house.as_("adm").patch(f"{URL}{house.adm.pk}/", {"username": "boss"}, format="json").status_code == 200
    assert house.as_("aud").patch(f"{URL}{house.aud.pk}/", {"username": "boss2"}, format="json").status_code == 403


def test_only_superusers_change_anybody_where_memberships_come_from_elsewhere(house):
    services.change({"MANAGE_ORGANIZATION_AUTH": False})
    answers = [
        house.as_(who).patch(f"{URL}{house.mem.pk}/", {"first_name": who}, format="json").status_code
        for who in ("mem", "adm", "admin")
    ]
    assert answers == [403, 403, 200]


def test_system_auditors_are_not_for_organization_administrators(house):
    User.objects.filter(pk=house.mem.pk).update(is_system_auditor=True)
    client, url = house.as_("adm"), f"{URL}{house.mem.pk}/"
    assert client.get(url).json()["summary_fields"]["user_capabilities"] == {"edit": False, "delete": False}
    assert client.patch(url, {"first_name": "x"}, format="json").status_code == 403
    assert client.delete(url).status_code == 403


def test_me_is_a_list_of_one(house):
    body = house.as_("mem").get("/api/v2/me/").json()
    assert (body["count"], body["results"][0]["username"]) == (1, "mem")
    assert body["results"][0]["related"]["teams"] == f"{URL}{house.mem.pk}/teams/"


def test_users_are_found_by_their_roles(house):
    client = house.as_("admin")
    for query in (f"roles={house.org.role('member_role').pk}", "roles__role_field=member_role"):
        assert [row["username"] for row in client.get(f"{URL}?{query}").json()["results"]] == ["mem"]
    assert house.as_("out").get(f"{URL}?roles__role_field=member_role").json()["count"] == 0
