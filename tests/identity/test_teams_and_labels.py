"""/teams/ and /labels/."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_team_needs_an_organization_and_keeps_it(house):
    client = house.as_("admin")
    assert list(client.post("/api/v2/teams/", {"name": "x"}, format="json").json()) == ["organization"]
    other = client.post("/api/v2/organizations/", {"name": "other"}, format="json").json()["id"]
    answer = client.patch(f"/api/v2/teams/{house.team.pk}/", {"organization": other}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])
    answer = client.post("/api/v2/teams/", {"name": "ops", "organization": house.org.pk}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])


def test_a_team_member_sees_the_team_and_not_the_organization(house):
    url = f"/api/v2/teams/{house.team.pk}/users/"
    assert house.as_("adm").post(url, {"id": house.out.pk}, format="json").status_code == 204
    assert house.as_("out").get(f"/api/v2/teams/{house.team.pk}/").status_code == 200
    assert house.as_("out").get(f"/api/v2/organizations/{house.org.pk}/").status_code == 404
    assert house.as_("out").post(url, {"id": house.mem.pk}, format="json").status_code == 403
    assert house.as_("out").get(f"/api/v2/users/{house.out.pk}/teams/").json()["count"] == 1


def test_members_make_labels_and_administrators_change_them(house):
    new = {"name": "l", "organization": house.org.pk}
    assert house.as_("out").post("/api/v2/labels/", new, format="json").status_code == 403
    made = house.as_("mem").post("/api/v2/labels/", new, format="json")
    assert made.status_code == 201
    url = made.json()["url"]
    assert house.as_("mem").patch(url, {"name": "m"}, format="json").status_code == 403
    assert house.as_("adm").patch(url, {"name": "m"}, format="json").status_code == 200
    assert house.as_("adm").delete(url).status_code == 405
    assert house.as_("out").get(url).status_code == 404


def test_labels_are_found_by_a_description_that_nobody_shows(house):
    house.as_("adm").post("/api/v2/labels/", {"name": "l", "organization": house.org.pk}, format="json")
    client = house.as_("admin")
    assert client.options("/api/v2/labels/").json()["search_fields"] == ["description", "name"]
    assert "description" not in client.get("/api/v2/labels/").json()["results"][0]
    assert client.get("/api/v2/labels/?description=").json()["count"] == 1
    assert client.get("/api/v2/labels/?description=x").json()["count"] == 0
