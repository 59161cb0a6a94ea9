"""/users/ and /me/: passwords, flags, who sees and changes whom."""

import pytest

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


def test_me_is_a_list_of_one(house):
    body = house.as_("mem").get("/api/v2/me/").json()
    assert (body["count"], body["results"][0]["username"]) == (1, "mem")
    assert body["results"][0]["related"]["teams"] == f"{URL}{house.mem.pk}/teams/"
